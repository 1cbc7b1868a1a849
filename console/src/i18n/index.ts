/** The words (`t`) and the formats of the language in use; set once, before anything is drawn. */
import type { en } from './en';
import { type Language, languages } from './language';

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widened<T[K]> };

/** Every language has every word, or the type check fails. */
export type Dictionary = Widened<typeof en>;

export let language: Language = 'en';
export let locale: string = languages.en.locale;
/** Nothing is drawn before its words are here. */
export let t: Dictionary;

export function setLanguage(chosen: Language, words: Dictionary): void {
  language = chosen;
  locale = languages[chosen].locale;
  t = words;
}

const loaders: Record<Language, () => Promise<Dictionary>> = {
  en: async () => (await import('./en')).en,
  tr: async () => (await import('./tr')).tr,
  fa: async () => {
    const [{ fa }, { usePersianForReactAria }] = await Promise.all([import('./fa'), import('./aria-fa')]);
    usePersianForReactAria();
    return fa;
  },
};

export async function loadLanguage(chosen: Language): Promise<void> {
  setLanguage(chosen, await loaders[chosen]());
  document.documentElement.lang = chosen;
  document.documentElement.dir = languages[chosen].direction;
}
