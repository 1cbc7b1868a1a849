/** The console's one `fetch` of the API. */
import { SignInRefused } from '../auth/cognito';
import { idToken, renew } from '../auth/session';
import { config } from '../lib/config';
import { createStore } from '../lib/store';
import { Refused, Unreachable } from './problems';
import { type Operations, routes } from './schema.gen';

type Given<K extends keyof Operations> = (Operations[K]['path'] extends Record<string, never>
  ? object
  : { path: Operations[K]['path'] }) &
  (Operations[K]['body'] extends undefined ? object : { body: Operations[K]['body'] }) &
  (Operations[K]['edits'] extends true ? { version: number } : object) & {
    query?: Operations[K]['query'];
    /** One for each write, and the same again when it is repeated. */
    key?: string;
    signal?: AbortSignal;
  };

/** Whether the last call got an answer; what shows it is `ConnectionBanner`. */
export const connection = createStore<'up' | 'down'>('up');

const timeoutMs = 30_000;
/** Of a gateway, or of an API that is too busy: the same request may succeed later. */
const tryAgainStatuses = new Set([429, 502, 503, 504]);

interface Loose {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  version?: number;
  key?: string;
  signal?: AbortSignal;
}

function urlOf(template: string, { path = {}, query = {} }: Loose): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `${config().api_base}${filled}${search ? `?${search}` : ''}`;
}

function requestOf(method: string, given: Loose, token: string): RequestInit {
  const headers: Record<string, string> = { Authorization: token };
  if (method !== 'GET') headers['Idempotency-Key'] = given.key ?? crypto.randomUUID();
  if (given.version !== undefined) headers['If-Match'] = `"${given.version}"`;
  if (given.body !== undefined) headers['Content-Type'] = 'application/json';
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = given.signal ? AbortSignal.any([given.signal, limit]) : limit;
  return { method, headers, signal, ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }) };
}

/** `Unreachable` where nothing answers, or nothing that can be relied on. */
async function sent(url: string, request: RequestInit, asked?: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(url, request);
    if (!tryAgainStatuses.has(response.status)) {
      connection.set('up');
      return response;
    }
  } catch (error) {
    if (asked?.aborted) throw error;
  }
  connection.set('down');
  throw new Unreachable();
}

async function tokenOrUnreachable(): Promise<string> {
  try {
    return await idToken();
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    connection.set('down');
    throw new Unreachable();
  }
}

/** Calls an operation of the API; `Refused` carries its problem, `Unreachable` means that the outcome is not known. */
export async function call<K extends keyof Operations>(name: K, given: Given<K>): Promise<Operations[K]['answer']> {
  const [method, template] = routes[name];
  const loose: Loose = { key: crypto.randomUUID(), ...given };
  for (const isLast of [false, true]) {
    const request = requestOf(method, loose, await tokenOrUnreachable());
    const response = await sent(urlOf(template, loose), request, loose.signal);
    if (response.status === 401 && !isLast) await renew();
    else if (response.ok) return (await response.json()) as Operations[K]['answer'];
    else throw await Refused.from(response);
  }
  throw new Error('the second answer returns or throws');
}
