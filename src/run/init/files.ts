// The settings and the plan that `init` writes, key by key.
import { docPage } from '../../lib/doc-page.ts';
import { profiles } from '../../profiles/index.ts';
import { type CommentedKey, commentedFile } from './commented.ts';
import type { Found } from './found.ts';

const pathsToldMax = 5;
/** Parts of paths whose files are wrong on purpose, often. */
const testFolder = /(?:^|\/)(tests?|fixtures|testdata|__fixtures__|spec)(?=\/)/;

export function settingsFile(found: Found): string {
  return commentedFile('config', [...settingsAbout, ...toldOf(found)], settingsKeys(found));
}

const settingsAbout = [
  `Settings of pullproof for this project: ${docPage('reference/config.md')}`,
  'Paths start from this folder. Flags of the command line win.',
];

/** Every section that settings may have. */
export function settingsKeys(found: Found): readonly CommentedKey[] {
  const [document = 'images/**/*.json'] = found.documents.filter(isPlain);
  const tests = testFoldersOf(found);
  const excluded = tests.length > 0 ? tests : ['test/fixtures'];
  return [
    { key: 'validate', yaml: validateYaml, isOn: true },
    { key: 'exclude', yaml: listYaml('exclude', excluded.map(patternOf)), isOn: false },
    { key: 'baseline', yaml: 'baseline: known.json', isOn: false },
    { key: 'rules', yaml: 'rules:\n  annotation-key: off', isOn: false },
    {
      key: 'overrides',
      yaml: `overrides:\n  - files: '${document}'\n    rules:\n      manifest-size: warning`,
      isOn: false,
    },
  ];
}

const validateYaml = `validate:
  # Whether a SHOULD that does not hold is an error.
  strict: false
  # Versions of clients that read the files; some rules hold from a version on.
  # clients: [podman@5]
  # Bytes that a layer may unpack to.
  # maxLayerBytes: 1073741824`;

function patternOf(folder: string): string {
  return `${folder}/**`;
}

function testFoldersOf(found: Found): string[] {
  const folders = Object.values(found)
    .flat()
    .filter(isPlain)
    .flatMap((path) => {
      const match = testFolder.exec(path);
      return match === null ? [] : [path.slice(0, match.index + match[0].length)];
    });
  return [...new Set(folders)].slice(0, pathsToldMax);
}

/** What lies in the folder, as comments of the settings. */
function toldOf(found: Found): string[] {
  const lines = Object.entries(found).flatMap(([kind, paths]) => {
    if (paths.length === 0) return [];
    const shown = paths.slice(0, pathsToldMax).map(shownPath).join(' ');
    const more = paths.length > pathsToldMax ? ` and ${paths.length - pathsToldMax} more` : '';
    return [`  ${kind}: ${shown}${more}`];
  });
  if (lines.length === 0) return [];
  const secret = 'Auth files hold passwords: see that version control does not keep them.';
  const warning = found['auth files'].length > 0 ? [secret] : [];
  return ['', '`pullproof validate .` judges what init has found here:', ...lines, ...warning];
}

/** A pattern, and a scalar of YAML, without further ado. */
function isPlain(path: string): boolean {
  return /^[\w./@+-]+$/.test(path);
}

/** Names of files are anybody's: none ends the comment that it stands in. */
function shownPath(path: string): string {
  return isPlain(path) ? path : JSON.stringify(path).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function listYaml(key: string, items: readonly string[]): string {
  return [`${key}:`, ...items.map((item) => `  - '${item}'`)].join('\n');
}

/** `image`: as `load` takes it; what its letters are, the grammar of references has made sure. */
export function planFile(image: string, name: string): string {
  return commentedFile('plan', planAbout(name), planKeys(image));
}

function planAbout(name: string): string[] {
  return [
    `A plan of load: \`pullproof load --plan ${name}\`; ${docPage('reference/plan.md')}`,
    'It begins gently. Write your images, your clients and your objectives. Flags of the command line win.',
  ];
}

/** Every key that a plan may have. */
export function planKeys(image: string): readonly CommentedKey[] {
  const on = (key: string, yaml: string) => ({ key, yaml, isOn: true });
  const off = (key: string, yaml: string) => ({ key, yaml, isOn: false });
  const [registry] = /^(?:https?:\/\/)?[^/]+/.exec(image) ?? [];
  return [
    on('images', `images:\n  - '${image}'\n  # - { image: '${image}', weight: 3 }`),
    off('zipf', 'zipf: 1'),
    on('clients', `clients:\n  podman: 1\n  # Known: ${Object.keys(profiles).join(' ')}`),
    off('platforms', 'platforms:\n  linux/amd64: 8\n  linux/arm64: 2'),
    on('vus', 'vus: 5'),
    on('duration', 'duration: 10s'),
    on('slo', "slo:\n  - 'errors<1%'\n  # - 'pull.p95<5s'"),
    off('abortOnSlo', 'abortOnSlo: true'),
    off('startAt', "startAt: '2026-11-29T12:00:00Z'"),
    off('verify', 'verify: sample'),
    off('thinkTime', 'thinkTime: { min: 500ms, max: 3s }'),
    off('nodes', 'nodes: { count: 20, keep: 10 }'),
    off('shape', 'shape: vus'),
    off('rate', 'rate: 20/s'),
    off('iterations', 'iterations: 100'),
    off(
      'stages',
      'stages:\n  - { duration: 1m, vus: 20 }\n  - { duration: 2m, vus: 20 }\n  - { duration: 30s, vus: 0 }',
    ),
    off('mirrors', "mirrors:\n  - 'http://127.0.0.1:5001'"),
    off('push', `push:\n  repository: '${registry}/ci/scratch'\n  rate: 1/s\n  cleanUp: true`),
    off('seed', 'seed: 1'),
  ];
}
