// `npm run new check|fault|profile|format NAME [ID]`: writes the skeleton of a new thing and enters it wherever the
// tests look for it, so that they lead to its end. What is left to write says TODO; the tests find that too.
import { UserError } from '../src/lib/user-error.ts';
import { newCheck } from './new/check.ts';
import { newFault } from './new/fault.ts';
import { newFormat } from './new/format.ts';
import { newProfile } from './new/profile.ts';

const usage = `npm run new check ROOM/FILE [ID]    a check, a fault that it notices, and how that fault shows
npm run new fault ROOM/FILE [ID]    a fault of the mock, and how it shows
npm run new profile NAME            a client
npm run new format NAME             a report format`;

/** Each returns what to do next, a line each. */
const kinds: Readonly<Record<string, (name: string, id?: string) => readonly string[]>> = {
  check: newCheck,
  fault: newFault,
  profile: newProfile,
  format: newFormat,
};

const [kind = '', name = '', id] = process.argv.slice(2);
const make = kinds[kind];
if (make === undefined || name === '') {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    for (const line of make(name, id)) console.log(line);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`error: ${error.message}\n  hint: ${error.hint}`);
    process.exitCode = 2;
  }
}
