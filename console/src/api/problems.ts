/** What the API says instead of doing what was asked, in the words of the language in use. */
import { t } from '../i18n';
import type { Problem } from './schema.gen';

export class Unreachable extends Error {}

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly fields: readonly string[],
  ) {
    super(code);
  }

  static async from(response: Response): Promise<Refused> {
    const problem: Partial<Problem> = await response.json().catch(() => ({}));
    const fields = (problem.errors ?? []).map((each) => each.field);
    return new Refused(response.status, problem.code ?? `HTTP ${response.status}`, fields);
  }
}

/** The refusal in the user's language; a code that the console does not know stands in brackets. */
export function messageOf(error: unknown): string {
  if (error instanceof Unreachable) return t.problems.unreachable;
  if (!(error instanceof Refused)) return t.problems.INTERNAL;
  const words: Readonly<Record<string, unknown>> = t.problems;
  const word = words[error.code];
  return typeof word === 'string' ? word : t.problems.other(error.code);
}

/** Messages by the path of the field that they belong to; `expert_ids[2]` belongs to `expert_ids`. */
export function fieldMessages(error: unknown): Record<string, string> {
  if (!(error instanceof Refused)) return {};
  const message = messageOf(error);
  return Object.fromEntries(error.fields.map((path) => [path.replace(/\[\d+\]/g, ''), message]));
}
