// Keeps src/lib (but for its Node part), src/protocol and src/profiles runnable in k6's JavaScript engine:
// no platform globals, no syntax that the engine lacks or hangs on, no import that leaves them.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';

const src = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
/** Each may import itself and those before it. */
const pureFolders = ['lib', 'protocol', 'profiles'];
/** What needs Node lies apart. */
const nodeFolder = join(src, 'lib/node');

/** Names of the DOM that are everyday words (document …) are left to the compiler. */
const forbiddenGlobals = [
  ...['process', 'Buffer', 'global', 'globalThis', 'window', 'navigator', 'console'],
  ...['require', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone'],
  ...['fetch', 'Headers', 'Request', 'Response', 'AbortController', 'AbortSignal', 'Blob'],
  ...[
    'performance',
    'crypto',
    'Intl',
    'WebAssembly',
    'Event',
    'EventTarget',
    'FinalizationRegistry',
  ],
];

/** In the engine they take a new object for a dead one now and then (src/lib/remember.ts). */
const forgetful = ['WeakMap', 'WeakSet', 'WeakRef'];

/** Later than ES2022, or missing from the engine. */
const forbiddenMethods = [
  ...['groupBy', 'withResolvers', 'fromAsync', 'toSorted', 'toReversed', 'toSpliced', 'findLast'],
  ...[
    'findLastIndex',
    'isWellFormed',
    'toWellFormed',
    'localeCompare',
    'toLocaleString',
    'normalize',
  ],
];

/** Random numbers and clocks come from outside: a conversation must repeat exactly. */
const forbiddenCalls = ['Math.random', 'Date.now', 'new Date'];

const forbiddenSyntax: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['async', /(?<![.\w$])async\b/],
  ['await', /(?<![.\w$])await\b/],
  ['using', /(?<![.\w$])using\s+[\w$]/],
  ['\\p{…} in a pattern', /\\[pP]\{/],
  ['dynamic import', /(?<![.\w$])import\s*\(/],
  ['import.meta', /import\.meta/],
];

interface Source {
  readonly path: string;
  readonly text: string;
}

function pureSources(): Source[] {
  return pureFolders.flatMap((folder) =>
    readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(src, folder, name))
      .filter((path) => !path.startsWith(nodeFolder))
      .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  );
}

/** JavaScript without types, comments and the contents of strings. */
function codeOnly(text: string): string {
  const js = transformSync(text, { loader: 'ts', target: 'esnext' }).code;
  return js
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, (template) =>
      [...template.matchAll(/\$\{([^}]*)\}/g)].map((match) => `(${match[1]})`).join('+'),
    )
    .replaceAll(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, '');
}

function impuritiesOf(text: string): string[] {
  const code = codeOnly(text);
  return [
    ...[...forbiddenGlobals, ...forgetful].filter((name) => mentions(code, name)),
    ...forbiddenMethods.filter((name) => new RegExp(`\\.${name}\\s*\\(`).test(code)),
    ...forbiddenCalls.filter((call) => new RegExp(`(?<![.\\w$])${call}\\b`).test(code)),
    ...forbiddenSyntax.filter(([, pattern]) => pattern.test(code)).map(([name]) => name),
  ];
}

function mentions(code: string, name: string): boolean {
  return new RegExp(`(?<![.\\w$])${name}(?![\\w$])(?!\\s*:)`).test(code);
}

/** Import specifiers, of types too: a type from outside would still be a dependency. */
function importsOf(text: string): string[] {
  const pattern = /^(?:import|export)\s[^;'"=()]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

/** Profiles know the protocol, both know the ground floor, which knows only itself. */
function staysInside(importer: string, specifier: string): boolean {
  const target = resolve(dirname(importer), specifier);
  const own = pureFolders.findIndex((folder) => importer.startsWith(join(src, folder, '/')));
  const allowed = pureFolders.slice(0, own + 1).map((folder) => join(src, folder, '/'));
  const isInside = allowed.some((folder) => target.startsWith(folder));
  return (
    specifier.startsWith('.') &&
    specifier.endsWith('.ts') &&
    isInside &&
    !target.startsWith(nodeFolder)
  );
}

describe('the pure folders', () => {
  const sources = pureSources();

  test('are found', () => {
    expect(sources.map(({ path }) => relative(src, path))).toContain('protocol/talk.ts');
  });

  test.each(sources.map((source) => [relative(src, source.path), source] as const))(
    '%s uses nothing of a platform and imports nothing from outside',
    (_, { path, text }) => {
      expect(impuritiesOf(text)).toEqual([]);
      expect(importsOf(text).filter((specifier) => !staysInside(path, specifier))).toEqual([]);
    },
  );
});

test('the scenarios keep nothing by objects that may be dead', () => {
  const scenarios = resolve(src, '../scenarios');
  const names = readdirSync(scenarios, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  expect(sources).toContain('pull.ts');
  const guilty = sources.filter((name) => {
    const code = codeOnly(readFileSync(join(scenarios, name), 'utf8'));
    return forgetful.some((one) => mentions(code, one));
  });
  expect(guilty).toEqual([]);
});

describe('the scan', () => {
  test.each([
    ['const u = new URL(x);', 'URL'],
    [`export const n = \`\${Buffer.from(x)}\`;`, 'Buffer'],
    ['return globalThis.foo;', 'globalThis'],
    ['const x = { run: fetch };', 'fetch'],
    ['const g = Object.groupBy(xs, f);', 'groupBy'],
    ['const t = Math.random();', 'Math.random'],
    ['const d = new Date();', 'new Date'],
    ['const known = new WeakMap<object, string>();', 'WeakMap'],
    ['async function f() {}', 'async'],
    ['function* g() { using x = open(); }', 'using'],
    ['const p = /\\p{L}/u;', '\\p{…} in a pattern'],
    ["const m = import('./x.ts');", 'dynamic import'],
  ])('catches %s', (text, impurity) => {
    const isStatement = text.startsWith('return');
    expect(impuritiesOf(isStatement ? `function f() { ${text} }` : text)).toContain(impurity);
  });

  test.each([
    '// the URL of a Response\nexport const a = 1;',
    "export const hint = 'Give the URL, or fetch it';",
    `export const m = (x: string) => \`the URL \${x} is wrong\`;`,
    'export interface A { readonly data: URL }',
    'export const b = (x: { process: number }) => x.process;',
    'export const c = { module: 1 };',
  ])('lets pass %s', (text) => {
    expect(impuritiesOf(text)).toEqual([]);
  });

  test.each([
    ['./grammar/digest.ts', 'protocol/a.ts', true],
    ['../protocol/grammar/digest.ts', 'profiles/podman.ts', true],
    ['../src/profiles/podman.ts', 'protocol/a.ts', false],
    ['../src/checks/check.ts', 'profiles/podman.ts', false],
    ['node:fs', 'protocol/a.ts', false],
    ['msw', 'protocol/a.ts', false],
    ['./digest.js', 'protocol/a.ts', false],
  ])('import of %s by %s: %s', (specifier, importer, allowed) => {
    for (const what of [
      'import { type A,\n  b } from',
      'import',
      'export * from',
      'import type A from',
    ]) {
      expect(importsOf(`const a = 1;\n${what} '${specifier}';\nconst b = 'c';`)).toEqual([
        specifier,
      ]);
    }
    expect(staysInside(join(src, importer), specifier)).toBe(allowed);
  });
});
