// Fails when what a browser loads for its first screen is more than the budget, and prints what each screen costs.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgetBytes = 200_000;
const dist = new URL(process.argv[2] ? `file://${process.argv[2]}/` : '../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** The files of a chunk and of all that it imports at once: scripts, styles and the fonts of the Latin languages. */
function filesOf(key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  const fonts = (chunk.assets ?? []).filter((each) => /figtree-latin/.test(each));
  return [chunk.file, ...(chunk.css ?? []), ...fonts, ...(chunk.imports ?? []).flatMap((each) => filesOf(each, seen))];
}

/** Compressed as a server would; a font is compressed already. */
function transferred(file) {
  const content = readFileSync(new URL(file, dist));
  return file.endsWith('.woff2') ? content.length : gzipSync(content, { level: 9 }).length;
}

function bytesOf(keys) {
  const files = new Set(keys.flatMap((key) => filesOf(key)));
  return [...files].reduce((sum, file) => sum + transferred(file), 0);
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const screens = Object.keys(manifest).filter((key) => /screens\/[^/]+\/index\.tsx$/.test(key));
let heaviest = 0;
for (const screen of [null, ...screens]) {
  const bytes = bytesOf(screen ? [entry, screen] : [entry]);
  heaviest = Math.max(heaviest, bytes);
  console.log(`${String(Math.round(bytes / 1000)).padStart(4)} kB  ${screen ?? 'sign-in'}`);
}
if (!screens.length || heaviest > budgetBytes) {
  console.error(`A first screen may load at most ${budgetBytes / 1000} kB, compressed.`);
  process.exit(1);
}
