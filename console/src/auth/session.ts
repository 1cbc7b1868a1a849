/** Who is signed in. The tokens that open the API stay in memory; the one that renews them lives as long as the tab. */
import { createStore } from '../lib/store';
import * as cognito from './cognito';

export interface Person {
  username: string;
  email: string;
  name: string;
  platform: string;
}

export type SessionState =
  | { kind: 'starting' }
  | { kind: 'signed-out' }
  | { kind: 'signed-in'; person: Person }
  /** The login ran out under open work, which waits behind the sign-in screen. */
  | { kind: 'expired'; person: Person };

export const session = createStore<SessionState>({ kind: 'starting' });

/** Signed in, and no admin: the console has nothing for him. */
export class NotAnAdmin extends Error {}

const key = 'seans.refresh';
const renewBeforeMs = 60_000;
const resumeAgainMs = 3_000;
let tokens: cognito.Tokens | undefined;
let renewing: Promise<void> | undefined;

function claims(idToken: string): Record<string, unknown> {
  const payload = idToken.split('.')[1] ?? '';
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function personOf(idToken: string): Person {
  const told = claims(idToken);
  const groups = told['cognito:groups'];
  if (!Array.isArray(groups) || !groups.includes('admin')) throw new NotAnAdmin();
  const username = String(told['cognito:username'] ?? '');
  const email = String(told.email ?? '');
  return { username, email, name: String(told.name ?? email), platform: String(told['custom:platform'] ?? '') };
}

function take(given: cognito.Tokens): void {
  const person = personOf(given.idToken);
  const before = session.get();
  tokens = given;
  if (given.refreshToken) sessionStorage.setItem(key, given.refreshToken);
  // Somebody else's open work is not his to go on with.
  if (before.kind === 'expired' && before.person.platform + before.person.email !== person.platform + person.email) {
    location.reload();
  }
  session.set({ kind: 'signed-in', person });
}

/** At the start: go on with the login that this tab had, as soon as Cognito answers. */
export async function resume(): Promise<void> {
  const refreshToken = sessionStorage.getItem(key);
  if (!refreshToken) return session.set({ kind: 'signed-out' });
  try {
    take(await cognito.refresh(refreshToken));
  } catch (error) {
    if (isUnreachable(error)) setTimeout(() => void resume(), resumeAgainMs);
    else session.set({ kind: 'signed-out' });
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof cognito.SignInRefused && error.code === 'Unreachable';
}

export async function signIn(platform: string, email: string, password: string) {
  const answer = await cognito.signIn(`${platform}:${email.toLowerCase()}`, password);
  if ('session' in answer) return answer;
  take(answer);
  return undefined;
}

export async function chooseFirstPassword(wanted: cognito.PasswordWanted, password: string): Promise<void> {
  take(await cognito.chooseFirstPassword(wanted, password));
}

export async function signOut(): Promise<void> {
  const refreshToken = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  tokens = undefined;
  session.set({ kind: 'signed-out' });
  // The tokens are forgotten here whether or not Cognito is told.
  if (refreshToken) await cognito.revoke(refreshToken).catch(() => undefined);
}

/** The token of the API, renewed when it is about to end; waits for a new sign-in where that is refused. */
export async function idToken(): Promise<string> {
  if (!tokens || tokens.expiresAt - Date.now() < renewBeforeMs) await renew();
  if (!tokens) throw new Error('nobody is signed in');
  return tokens.idToken;
}

/** After a 401: the token is of no use, whatever it says of itself. */
export function renew(): Promise<void> {
  renewing ??= renewed().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renewed(): Promise<void> {
  const refreshToken = sessionStorage.getItem(key);
  try {
    if (!refreshToken) throw new cognito.SignInRefused('NotAuthorizedException');
    take(await cognito.refresh(refreshToken));
  } catch (error) {
    if (isUnreachable(error)) throw error;
    await signedInAgain();
  }
}

function signedInAgain(): Promise<void> {
  const now = session.get();
  if (now.kind === 'signed-in') session.set({ kind: 'expired', person: now.person });
  return new Promise((resolve) => {
    const stop = session.subscribe(() => {
      if (session.get().kind !== 'signed-in') return;
      stop();
      resolve();
    });
  });
}
