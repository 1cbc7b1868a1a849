/** The three calls of Cognito's user pools that signing in needs, by plain `fetch`. */
import { config } from '../lib/config';

export interface Tokens {
  idToken: string;
  accessToken: string;
  /** Only a sign-in gives one; a refresh leaves the old one in force. */
  refreshToken?: string;
  expiresAt: number;
}

/** The first password must be chosen; `session` goes with the answer. */
export interface PasswordWanted {
  session: string;
  username: string;
}

/** `code` is Cognito's own, such as `NotAuthorizedException`; `Unreachable` where nothing answers. */
export class SignInRefused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

interface Answer {
  ChallengeName?: string;
  Session?: string;
  AuthenticationResult?: { IdToken: string; AccessToken: string; RefreshToken?: string; ExpiresIn: number };
}

async function call(action: string, body: object): Promise<Answer> {
  const headers = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': `AWSCognitoIdentityProviderService.${action}`,
  };
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) };
  const response = await fetch(config().cognito_endpoint, request).catch(() => {
    throw new SignInRefused('Unreachable');
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as Answer;
  if (response.status >= 500) throw new SignInRefused('Unreachable');
  throw new SignInRefused(String(answer.__type ?? 'Unknown').split('#').at(-1) ?? 'Unknown');
}

function tokens(answer: Answer): Tokens {
  const result = answer.AuthenticationResult;
  if (!result) throw new SignInRefused(answer.ChallengeName ?? 'Unknown');
  return {
    idToken: result.IdToken,
    accessToken: result.AccessToken,
    expiresAt: Date.now() + result.ExpiresIn * 1000,
    ...(result.RefreshToken ? { refreshToken: result.RefreshToken } : {}),
  };
}

const clientId = () => config().user_pool_client_id;

export async function signIn(username: string, password: string): Promise<Tokens | PasswordWanted> {
  const answer = await call('InitiateAuth', {
    ClientId: clientId(),
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  if (answer.ChallengeName === 'NEW_PASSWORD_REQUIRED') return { session: answer.Session ?? '', username };
  return tokens(answer);
}

export async function chooseFirstPassword(wanted: PasswordWanted, password: string): Promise<Tokens> {
  const answer = await call('RespondToAuthChallenge', {
    ClientId: clientId(),
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: wanted.session,
    ChallengeResponses: { USERNAME: wanted.username, NEW_PASSWORD: password },
  });
  return tokens(answer);
}

export async function refresh(refreshToken: string): Promise<Tokens> {
  const answer = await call('InitiateAuth', {
    ClientId: clientId(),
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  return tokens(answer);
}

export async function revoke(refreshToken: string): Promise<void> {
  await call('RevokeToken', { ClientId: clientId(), Token: refreshToken });
}
