/** Which language the console speaks: chosen in the URL, earlier, or by the browser. */
export type Language = 'tr' | 'fa' | 'en';

export const languages: Readonly<Record<Language, { name: string; locale: string; direction: 'ltr' | 'rtl' }>> = {
  tr: { name: 'Türkçe', locale: 'tr-TR', direction: 'ltr' },
  fa: { name: 'فارسی', locale: 'fa-IR', direction: 'rtl' },
  en: { name: 'English', locale: 'en-GB', direction: 'ltr' },
};

const key = 'seans.language';

function known(value: string | null | undefined): Language | undefined {
  return value && value in languages ? (value as Language) : undefined;
}

export function preferredLanguage(): Language {
  const asked = known(new URLSearchParams(location.search).get('lang'));
  if (asked) localStorage.setItem(key, asked);
  const browsers = navigator.languages.map((each) => known(each.slice(0, 2)));
  return asked ?? known(localStorage.getItem(key)) ?? browsers.find((each) => each) ?? 'tr';
}

/** Written down, and read from the start: React Aria takes its words once. */
export function chooseLanguage(language: Language): void {
  localStorage.setItem(key, language);
  const url = new URL(location.href);
  url.searchParams.delete('lang');
  history.replaceState(null, '', url);
  location.reload();
}
