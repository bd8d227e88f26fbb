// Build step (`npm run build`): what completion tells of each verb, as data in dist/, since a shell waits for it at every tab.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtWords } from '../src/cli/complete-words.ts';
import { makeVerbWords } from '../src/cli/verb-words.ts';
import { verbs } from '../src/cli/verbs.ts';

mkdirSync(builtWords, { recursive: true });
for (const name of Object.keys(verbs)) {
  writeFileSync(join(builtWords, `${name}.json`), JSON.stringify(await makeVerbWords(verbs, name)));
}
