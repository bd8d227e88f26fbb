// The baseline of the merge: reads every line of the files in a folder and parses it as JSON, in one thread, and that
// is all.
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder = '.'] = process.argv.slice(2);
let lines = 0;
for (const file of readdirSync(folder)) {
  for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
    if (typeof JSON.parse(line) === 'object') lines++;
  }
}
process.stdout.write(`${lines}\n`);
