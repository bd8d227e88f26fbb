// A check, with a fault that it alone notices.
import { checks } from '../../src/checks/catalogue.ts';
import {
  appendTo,
  camel,
  expectFree,
  expectSlug,
  insertFile,
  insertImport,
  isThere,
  listIn,
  placeOf,
  writeNew,
} from './edit.ts';
import { addFault, nextOf } from './fault.ts';

const catalogue = 'src/checks/catalogue.ts';

/** @throws UserError `name-invalid`, `name-taken` */
export function newCheck(name: string, given?: string): readonly string[] {
  const { room, file } = placeOf(name, [...new Set(checks.map((check) => check.room))]);
  const id = given ?? `${room}-${file}-new`;
  expectSlug(id, 'id');
  expectFree(id, checks);
  const fault = addFault(name, `${id}-broken`, id);
  const path = `src/checks/${room}/${file}.ts`;
  const pushes = room !== 'pull' && room !== 'auth';
  const known = isThere(path) ? listIn(path, 'Check') : undefined;
  if (known === undefined) {
    const list = `${camel(`${room}-${file}`)}Checks`;
    const text = `${head}\nexport const ${list}: readonly Check[] = [\n${entry(id, pushes)}];\n`;
    writeNew(path, text);
    insertImport(catalogue, [list], `./${room}/${file}.ts`);
    insertFile(catalogue, room, `  '${room}/${file}': ${list},\n`);
  } else {
    appendTo(path, known, 'Check', entry(id, pushes));
    for (const [from, ...names] of imports) insertImport(path, names, from);
  }
  return [
    `${path}: the check ${id}. Write its TODOs: what must hold, why, which section says so, and the request.`,
    'Its place in the table of src/checks/catalogue.ts is when it runs; what it takes for given goes into dependsOn (src/checks/kit/given.ts).',
    `The fault is called ${id}-broken: rename it now to what it does, in both files.`,
    ...fault,
    ...nextOf(room),
  ];
}

const imports = [
  ['../check.ts', 'type Check'],
  ['../kit/ask.ts', 'ask', 'manifestShape'],
  ['../kit/expect.ts', 'expectStatus', 'expectThat', 'quote'],
] as const;

const head = [
  '// TODO: which section of which spec, and what of it, in one sentence.',
  ...imports.map(([from, ...names]) => `import { ${names.join(', ')} } from '${from}';`),
  '',
].join('\n');

function entry(id: string, pushes: boolean): string {
  return `  {
    id: '${id}',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-manifests',
    requirement: 'TODO: what the registry must do, as one sentence.',
    why: 'TODO: what happens to a user of the registry where it does not.',
    needs: [${pushes ? "'push'" : "'top'"}],
    *run(context) {
      const { last } = yield* ask(context, manifestShape(context, context.reference));
      expectStatus(last, 200);
      const value = last.header('X-Todo') ?? '';
      expectThat(value === '', 'TODO: what is expected', quote(value));
      return 'TODO: what was seen';
    },
  },
`;
}
