// A fault of the mock, and the row of a table that says how it shows.
import { faults } from '../../mocks/faults/index.ts';
import {
  appendTo,
  camel,
  expectFree,
  expectSlug,
  insertFile,
  insertImport,
  insertInto,
  isThere,
  listIn,
  placeOf,
  read,
  writeNew,
} from './edit.ts';

const catalogue = 'mocks/faults/index.ts';
const pullTable = 'test/lib/pull-deviations.ts';

/** @throws UserError `name-invalid`, `name-taken` */
export function newFault(name: string, given?: string): readonly string[] {
  return [...addFault(name, given), ...nextOf(name.split('/')[0] ?? '')];
}

/** What to run when its TODOs are written. */
export function nextOf(room: string): readonly string[] {
  return [
    'npx biome check --write . && npx tsc -p . && npx vitest run --project unit src/checks mocks/faults test/tidy.test.ts',
    `UPDATE=1 npx vitest run test/kill-matrix/${room}.test.ts   # writes down who notices what: review the diff`,
    'npm run docs && npm test',
  ];
}

/** `noticedBy`: the check that it is written for. @throws UserError `name-invalid`, `name-taken` */
export function addFault(name: string, given?: string, noticedBy?: string): readonly string[] {
  const { room, file } = placeOf(name, [...new Set(faults.map((fault) => fault.room))]);
  const id = given ?? `${room}-${file}-new`;
  expectSlug(id, 'id');
  expectFree(id, faults);
  const path = `mocks/faults/${room}/${file}.ts`;
  const list = isThere(path) ? listIn(path, 'Fault') : undefined;
  const entry = entryOf(id, noticedBy);
  if (list === undefined) {
    const own = `${camel(`${room}-${file}`)}Faults`;
    writeNew(path, `${head}\nexport const ${own}: readonly Fault[] = [\n${entry}];\n`);
    insertImport(catalogue, [own], `./${room}/${file}.ts`);
    insertFile(catalogue, room, `  '${room}/${file}': ${own},\n`);
    writeNew(`mocks/faults/${room}/${file}.test.ts`, testOf(own, file, id));
    return told(path, id, `mocks/faults/${room}/${file}.test.ts`);
  }
  appendTo(path, list, 'Fault', entry);
  insertImport(path, ['set'], '../kit/words.ts');
  const test = `mocks/faults/${room}/${file}.test.ts`;
  if (isThere(test) && read(test).includes(`expectDeviations(${list}`)) {
    insertInto(test, `expectDeviations(${list}`, rowOf(id));
    return told(path, id, test);
  }
  insertInto(pullTable, 'export const deviations', `  ['${id}', header('x-todo', top), 'yes'],\n`);
  return told(path, id, pullTable);
}

function told(path: string, id: string, table: string): readonly string[] {
  return [
    `${path}: the fault ${id}. Write its TODOs: what the mock does wrong, where, and which checks it is about.`,
    `${table}: what a client sees with the fault and without.`,
  ];
}

const head = `// TODO: faults of what, in one sentence.
import type { Fault } from '../fault.ts';
import { set } from '../kit/words.ts';
`;

function entryOf(id: string, noticedBy: string | undefined): string {
  return `  {
    id: '${id}',
    title: 'TODO: what the mock does wrong, in one line',
    layer: 'response',
    seenIn: [],
    noticedBy: [${noticedBy === undefined ? '' : `'${noticedBy}'`}],
    on: { at: ['manifest'], methods: ['GET', 'HEAD'], statuses: [200] },
    change: set('X-Todo', 'yes'),
  },
`;
}

function rowOf(id: string): string {
  return `  {
    id: '${id}',
    look: async (client) => {
      await client.pushTags('a');
      return (await client.ask('/v2/team/app/manifests/a')).headers.get('x-todo');
    },
    faulty: 'yes',
    sound: null,
  },
`;
}

function testOf(list: string, file: string, id: string): string {
  return `import { expectDeviations } from '../../../test/lib/push-deviations.ts';
import { ${list} } from './${file}.ts';

expectDeviations(${list}, [
${rowOf(id)}]);
`;
}
