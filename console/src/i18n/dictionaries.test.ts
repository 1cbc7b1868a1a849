import { expect, test } from 'vitest';
import { en } from './en';
import { fa } from './fa';
import { tr } from './tr';

type Word = string | ((...values: string[]) => string);
type Words = { readonly [key: string]: Word | Words };

function flat(words: Words, path = ''): [string, Word][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'object' ? flat(value, `${path}${key}.`) : ([[path + key, value]] as [string, Word][]),
  );
}

const asWords = (dictionary: unknown) => dictionary as Words;

test.each([
  ['Turkish', tr],
  ['Persian', fa],
])('%s has each word, and none is empty', (_name, dictionary) => {
  expect(flat(asWords(dictionary)).map(([path]) => path)).toEqual(flat(asWords(en)).map(([path]) => path));
  expect(flat(asWords(dictionary)).filter(([, word]) => word === '')).toEqual([]);
});

test('Persian is written in Persian letters and Persian digits', () => {
  const plain = flat(asWords(fa)).filter(([, word]) => typeof word === 'string') as [string, string][];
  expect(plain.filter(([, word]) => !/[\u0600-\u06ff]/.test(word))).toEqual([]);
  expect(plain.filter(([, word]) => /[0-9]/.test(word))).toEqual([]);
});

test.each([
  ['Turkish', tr],
  ['Persian', fa],
  ['English', en],
])('each value that a word of %s takes is said', (_name, dictionary) => {
  for (const [path, word] of flat(asWords(dictionary))) {
    if (typeof word !== 'function') continue;
    const values = Array.from({ length: word.length }, (_, place) => `«${place}»`);
    for (const value of values) expect(word(...values), path).toContain(value);
  }
});
