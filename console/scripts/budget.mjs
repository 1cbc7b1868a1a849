// Fails when what a browser loads for its first screen is more than the budget, and prints what each screen costs.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgetBytes = 200_000;
const dist = new URL(process.argv[2] ? `file://${process.argv[2]}/` : '../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** The scripts and styles of a chunk and of all that it imports at once. */
function filesOf(key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((each) => filesOf(each, seen))];
}

/** Compressed as a server would. */
function bytesOf(keys) {
  const files = new Set(['index.html', ...keys.flatMap((key) => filesOf(key))]);
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0);
}

const keys = Object.keys(manifest);
const entry = keys.find((key) => manifest[key].isEntry);
const shell = keys.find((key) => key.endsWith('app/Shell.tsx'));
// The longest dictionary, with what comes with it.
const words = ['src/i18n/fa.ts', 'src/i18n/aria-fa.ts'];
const screens = keys.filter((key) => /screens\/[^/]+\/index\.tsx$/.test(key) && !key.includes('sign-in'));
let heaviest = 0;
for (const screen of [null, ...screens]) {
  const bytes = bytesOf(screen ? [entry, ...words, shell, screen] : [entry, ...words]);
  heaviest = Math.max(heaviest, bytes);
  console.log(`${String(Math.round(bytes / 1000)).padStart(4)} kB  ${screen ?? 'sign-in'}`);
}
if (!screens.length || heaviest > budgetBytes) {
  console.error(`A first screen may load at most ${budgetBytes / 1000} kB, compressed.`);
  process.exit(1);
}
