// A client: its file, its line in the catalogue, and its row in docs/profiles.md.
import { camel, expectSlug, insertImport, insertInto, read, write, writeNew } from './edit.ts';

const catalogue = 'src/profiles/index.ts';
const page = 'docs/profiles.md';
const wordsTest = 'src/profiles/words/words.test.ts';
const silent = 'const silent: readonly string[] = [';

/** @throws UserError `name-invalid`, `name-taken` */
export function newProfile(name: string): readonly string[] {
  expectSlug(name, 'name');
  const own = camel(name);
  const path = `src/profiles/${name}.ts`;
  writeNew(path, profileOf(name, own));
  insertImport(catalogue, [own], `./${name}.ts`);
  insertInto(catalogue, 'const all', `  ${own},\n`);
  const rows = read(page).split('\n');
  // The first table of the page.
  const first = rows.findIndex((row) => row.startsWith('| `'));
  const end = rows.findIndex((row, at) => at > first && !row.startsWith('|'));
  rows.splice(end, 0, `| \`${name}\` | TODO: client and version | GET | per pull | 3 | no |`);
  write(page, rows.join('\n'));
  const words = read(wordsTest);
  write(wordsTest, words.replace(silent, `${silent}'${name}', `));
  return [
    `${path}: the client ${name}. Give each value what the real one does, and its source in docs/client-facts.md.`,
    `${page}: its row. Write the TODO.`,
    'src/profiles/words/: what the client says of each failure; until then its name is in `silent` of words.test.ts.',
    'A client that stands on another: spread that one, as src/profiles/kubelet.ts does.',
    'test/programs/fidelity.test.ts: where the program runs here, add it to the rivals; its requests are compared.',
    'npx biome check --write . && npx tsc -p . && npx vitest run --project unit src/profiles test/tidy.test.ts',
    'npm run pullproof -- mock --port 5000   # and in another terminal:',
    `npm run pullproof -- load http://127.0.0.1:5000/demo/app:latest --client ${name} --iterations 1`,
    'npm test',
  ];
}

function profileOf(name: string, own: string): string {
  return `// TODO: which client, doing what (docs/client-facts.md).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

export const ${own}: ClientProfile = {
  name: '${name}',
  title: 'TODO: client and version',
  userAgent: 'TODO/1.0',
  registryHeaders: [],
  goGzip: true,
  ping: true,
  resolve: 'get',
  acceptResolve: [
    [
      mediaTypes.ociIndex,
      mediaTypes.ociManifest,
      mediaTypes.dockerManifestList,
      mediaTypes.dockerManifest,
    ].join(', '),
  ],
  acceptManifest: 'media-type',
  acceptBlob: 'none',
  token: {
    withCredentials: 'get',
    clientId: '${name}',
    account: false,
    prefers: 'token',
    challengeScope: 'first',
    refused: 'renew',
  },
  platformRule: 'containers',
  config: 'first',
  parallelBlobs: 3,
  redirectsMax: 10,
  referer: true,
  connections: 'per-pull',
  idlePerHostMax: 2,
  idleMs: 90_000,
  httpVersion: '2',
  retry: {},
};
`;
}
