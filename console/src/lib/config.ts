/** `config.json` stands beside `index.html` and is all that differs between deployments. */
export interface Config {
  /** Where `/v1` begins: `/api` where one origin serves both. */
  api_base: string;
  region: string;
  user_pool_client_id: string;
  /** `https://cognito-idp.<region>.amazonaws.com/` on AWS. */
  cognito_endpoint: string;
}

let loaded: Config | undefined;

export async function loadConfig(): Promise<void> {
  const response = await fetch('config.json', { cache: 'no-cache' });
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  loaded = (await response.json()) as Config;
}

export function config(): Config {
  if (!loaded) throw new Error('config.json is not loaded yet');
  return loaded;
}
