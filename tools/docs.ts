// Writes every page of docs/ that is made from a catalogue, the manual in man/ and the dashboards of reports/grafana/ (`npm run docs`);
// test/pages.test.ts says when one is behind. `npm run docs -- --check` writes nothing and names those that are.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/run/package-root.ts';
import { pages } from './docs/pages.ts';

const isCheck = process.argv.includes('--check');
let behind = 0;
for (const [file, make] of Object.entries(pages)) {
  const path = join(packageRoot, file);
  const wanted = await make();
  const isSame = read(path) === wanted;
  if (!isSame && !isCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
  }
  if (!isSame) behind++;
  console.log(`${file}: ${isSame ? 'as it was' : isCheck ? 'behind: npm run docs' : 'written'}`);
}
process.exitCode = isCheck && behind > 0 ? 1 : 0;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
