// How the sources of this repository are to look, in the manner of TigerBeetle's tidy.zig: what is said in comments
// and pages is still there, functions can be read at a sight, and nothing goes round in circles.
// Each message names the place and the next step.
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formats } from '../reports/index.ts';
import { profiles } from '../src/profiles/index.ts';
import { foreignFiles, isOfClient } from './lib/foreign-files.ts';
import { circlesOf, graphOf, importsOf, reachedFrom } from './lib/import-graph.ts';
import {
  allPaths,
  commentsOf,
  lineAt,
  type Node,
  nodesOf,
  type Piece,
  readSource,
  type Source,
  syntaxOf,
} from './lib/sources.ts';

const functionLinesMax = 70;

const paths = allPaths();
const known: ReadonlySet<string> = new Set(paths);
const names: ReadonlySet<string> = new Set(paths.map((path) => posix.basename(path)));
const folders: ReadonlySet<string> = new Set(paths.flatMap(foldersOf));
const scripts = paths.filter((path) => /\.(?:ts|mjs)$/.test(path)).map(readSource);
const goFiles = paths.filter((path) => path.endsWith('.go')).map(readSource);
const pages = paths.filter((path) => path.endsWith('.md')).map(readSource);

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** A problem, as an editor can jump to it. */
function at({ path }: Source, line: number, problem: string): string {
  return `${path}:${line}: ${problem}`;
}

/** Told a line each, whole. */
function expectNone(problems: readonly string[]): void {
  expect(problems.join('\n')).toBe('');
}

describe('files that are named', () => {
  test('in comments are there', () => {
    const sources = [...scripts, ...goFiles];
    expectNone(sources.flatMap((source) => lostFiles(source, commentsOf(source))));
  });

  test('in pages are there', () => {
    const lost = pages.flatMap((page) => lostFiles(page, [{ line: 1, text: page.text }]));
    expectNone([...lost, ...pages.flatMap(lostLinks)]);
  });

  test('of other projects are named somewhere', () => {
    const text = [...scripts, ...goFiles].flatMap(commentsOf).concat(pages.map(asPiece));
    const all = text.map((piece) => piece.text).join('\n');
    const idle = Object.keys(foreignFiles).filter((name) => !all.includes(name));
    expectNone(
      idle.map((name) => `test/lib/foreign-files.ts:1: nothing names ${name}. Take it out.`),
    );
  });

  test.each([
    ['// See tidy.test.ts.', 0],
    ['/** `src/protocol/talk.ts`; ./lib/sources.ts */', 0],
    ['// https://example.com/nowhere.ts', 0],
    ["const text = 'nowhere.ts // nowhere.ts';", 0],
    ['// See nowhere.ts.', 1],
    ['/** src/nowhere/talk.ts */', 1],
    ['// What lies in src/nowhere/.', 1],
    ['// schemas/nowhere.schema.json', 1],
  ])('%s: %d lost', (text, count) => {
    const source = { path: 'test/sample.ts', text };
    expect(lostFiles(source, commentsOf(source))).toHaveLength(count);
  });
});

function asPiece({ text }: Source): Piece {
  return { line: 1, text };
}

const namedFile =
  /(?<![\w./@*$}<-])(?:\.{1,2}\/)*(?:[\w@.-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|go|md|schema\.json)(?![\w*]|\.\w)/g;
const namedFolder =
  /(?<![\w./@*$}<-])(?:src|mocks|reports|scenarios|schemas|test|tools|bench|docs)\/[\w./-]*(?![\w*{])/g;

/** Names of files and folders that are not there. */
function lostFiles(source: Source, pieces: readonly Piece[]): string[] {
  return pieces.flatMap(({ line, text }) => {
    // Where a reader has the package, its files are below this.
    const plain = text.replaceAll(/\w+:\/\/\S+|(?:\.\/)?node_modules\/pullproof\//g, (known) =>
      ' '.repeat(known.length),
    );
    const files = [...plain.matchAll(namedFile)].filter(({ 0: name }) => !isThere(source, name));
    const lost = files.map(({ index, 0: name }) => ({
      index,
      problem: `${name} is not in the repository. Name the file that took its place; one of another project goes into test/lib/foreign-files.ts.`,
    }));
    for (const { index, 0: name } of plain.matchAll(namedFolder)) {
      const path = name.replace(/[./]+$/, '');
      if (/\.\w+$/.test(path) || folders.has(path)) continue;
      lost.push({ index, problem: `no folder ${path}. Name the one that took its place.` });
    }
    return lost.map(({ index, problem }) => at(source, line + lineAt(text, index) - 1, problem));
  });
}

/** A path from the root or from the file itself, a bare name anywhere. */
function isThere({ path }: Source, name: string): boolean {
  if (Object.hasOwn(foreignFiles, name) || isOfClient(path, name)) return true;
  if (!name.includes('/')) return names.has(name);
  return known.has(name) || known.has(posix.join(posix.dirname(path), name));
}

/** Links of a page to files beside it. */
function lostLinks(page: Source): string[] {
  return [...page.text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].flatMap(
    ({ index, 1: link = '' }) => {
      const path = posix.join(posix.dirname(page.path), link).replace(/\/$/, '');
      if (known.has(path) || folders.has(path)) return [];
      return [at(page, lineAt(page.text, index), `the link leads to no file: ${link}. Mend it.`)];
    },
  );
}

describe('functions', () => {
  test(`have at most ${functionLinesMax} lines`, () => {
    expectNone(scripts.flatMap(longFunctions));
  });

  test.each([
    ['function f() {', 1],
    ['const f = () => {', 1],
    ['class A { f() {', 1],
    ["describe('lists tests', () => {", 0],
  ])('%s', (start, count) => {
    const ends = start.startsWith('class') ? '}}' : start.startsWith('describe') ? '})' : '}';
    const text = (lines: number) => `${start}${'\n'.repeat(lines - 1)}${ends}`;
    expect(longFunctions({ path: 'a.ts', text: text(functionLinesMax) })).toHaveLength(0);
    expect(longFunctions({ path: 'a.ts', text: text(functionLinesMax + 1) })).toHaveLength(count);
  });
});

const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

function longFunctions(source: Source): string[] {
  const { text } = source;
  const nodes = [...nodesOf(syntaxOf(source))];
  // The callback of a `describe` is a list of tests.
  const lists = new Set(nodes.filter(isDescribe).flatMap((call) => call.arguments as Node[]));
  return nodes.flatMap((node) => {
    if (!functionTypes.includes(node.type) || lists.has(node)) return [];
    const line = lineAt(text, node.start);
    const lines = lineAt(text, node.end) - line + 1;
    if (lines <= functionLinesMax) return [];
    const step = `Move a step of it into a function of its own, down to ${functionLinesMax} lines.`;
    return [at(source, line, `a function of ${lines} lines. ${step}`)];
  });
}

/** Also `describe.each([…])(…)` and `describe.skipIf(…)(…)`. */
function isDescribe(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  let callee = node.callee as Node;
  while (callee.type !== 'Identifier') {
    const inner = (callee.type === 'CallExpression' ? callee.callee : callee.object) as Node;
    if (inner === undefined) return false;
    callee = inner;
  }
  return callee.name === 'describe';
}

describe('imports', () => {
  const roots = ['action', 'src', 'mocks', 'reports', 'scenarios', 'tools', 'bench', 'test/lib'];
  const circling = scripts.filter(({ path }) => roots.some((root) => path.startsWith(`${root}/`)));

  test('that carry values do not go in circles', () => {
    expectNone(problemsOfCircles(circling));
  });

  test.each([
    ["import { b } from './b.ts';", "import { a } from './a.ts';", 1],
    ["export * from './b.ts';", "const a = () => import('./a.ts');", 1],
    ["import type { B } from './b.ts';", "import { a } from './a.ts';", 0],
    ["import { b } from './b.ts';", "import { c } from './c.ts';", 0],
  ])('%s and %s', (a, b, count) => {
    const sources = [
      { path: 'a.ts', text: a },
      { path: 'b.ts', text: b },
    ];
    expect(problemsOfCircles(sources)).toHaveLength(count);
  });
});

function problemsOfCircles(sources: readonly Source[]): string[] {
  const graph = graphOf(sources);
  return circlesOf(graph).map((circle) => {
    const [first = '', second = first] = circle;
    const source = sources.find(({ path }) => path === first) as Source;
    const arrow = graph.get(first)?.find(({ target, isType }) => target === second && !isType);
    const step =
      'Move what both need into a file that imports neither, or import the type alone (import type).';
    const way = [...circle, first].join(' → ');
    return at(
      source,
      lineAt(source.text, arrow?.offset ?? 0),
      `imports in a circle: ${way}. ${step}`,
    );
  });
}

describe('names', () => {
  test('of constants are in camelCase', () => {
    expectNone(scripts.flatMap(shoutedConstants));
  });

  test.each([
    ['const FOO_BAR = 1;', 1],
    ['export const FOO = 1, fooBar = 2;', 1],
    ['const fooBar = 1;\nconst _ = 2;\nfunction f() { const A = 1; }', 0],
  ])('%s', (text, count) => {
    expect(shoutedConstants({ path: 'a.ts', text })).toHaveLength(count);
  });

  test('of files are in kebab-case', () => {
    const name = /^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
    // As Go reads them: tests and systems.
    const goName = /^[a-z0-9]+(?:_(?:test|linux|unix|windows))?\.go$/;
    const customary = /^(?:LICENSE|Dockerfile|[A-Z]+\.md)$/;
    const bad = paths.filter((path) =>
      path
        .split('/')
        .some((part) => ![name, goName, customary].some((pattern) => pattern.test(part))),
    );
    expectNone(bad.map((path) => `${path}:1: rename the file in kebab-case, as token-server.ts`));
  });
});

function shoutedConstants(source: Source): string[] {
  return (syntaxOf(source).body as Node[]).flatMap((statement) => {
    const declared = (statement.declaration ?? statement) as Node;
    if (declared.type !== 'VariableDeclaration' || declared.kind !== 'const') return [];
    return (declared.declarations as { id: Node }[]).flatMap(({ id }) => {
      if (typeof id.name !== 'string' || !/^[A-Z]/.test(id.name)) return [];
      const step = `Rename it in camelCase, units last: ${camelCase(id.name)}.`;
      return [at(source, lineAt(source.text, id.start), `${id.name} is shouted. ${step}`)];
    });
  });
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

test('the first line of every source file says what it is', () => {
  // A test is of the file whose name it has.
  const silent = scripts.filter(
    ({ path, text }) => !isTest(path) && !/^(?:#!.*\n)?\/\/ \S/.test(text),
  );
  const packages = Map.groupBy(goFiles, ({ path }) => posix.dirname(path));
  const silentPackages = [...packages].flatMap(([, [first, ...others]]) => {
    const files = first === undefined ? [] : [first, ...others];
    return files.some(({ text }) => /^\/\/ (?:Package|Command) /m.test(text))
      ? []
      : files.slice(0, 1);
  });
  expectNone([
    ...silent.map((source) => at(source, 1, 'begin the file with a comment that says what it is')),
    ...silentPackages.map((source) =>
      at(source, 1, 'begin a file of this package with // Package …'),
    ),
  ]);
});

test('nothing is left to write', () => {
  const shipped = [...scripts, ...pages].filter(({ path }) => {
    return /^(?:src|mocks|reports|scenarios|docs)\/|^test\/lib\//.test(path);
  });
  const left = shipped.flatMap((source) =>
    source.text.split('\n').flatMap((line, index) => {
      // In quotes, it is what somebody else is asked to fill in.
      const isLeft = /(?<!['`])\bTODO\b/.test(line);
      return isLeft ? at(source, index + 1, `write what stands for ${line.trim()}`) : [];
    }),
  );
  expectNone(left);
});

test.each(['README.md', 'docs/validate.md'])('every format is named in %s', (page) => {
  const named = /--format (text\|[a-z|-]+)/.exec(readSource(page).text)?.[1]?.split('|');
  const hint = `${page}: the values of --format are those of reports/index.ts`;
  expect(named?.toSorted(), hint).toEqual(Object.keys(formats).toSorted());
});

test('every profile has its row in docs/profiles.md', () => {
  const { text } = readSource('docs/profiles.md');
  const cells = [...text.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell ?? '');
  const missing = Object.keys(profiles).filter(
    (name) => !cells.some((cell) => cell.includes(`\`${name}\``)),
  );
  expectNone(
    missing.map((name) => `docs/profiles.md:5: no row for ${name}: add what it does first`),
  );
});

describe('the built package', () => {
  const { files } = JSON.parse(readSource('tsconfig.build.json').text) as { files: string[] };
  const built = scripts.filter(
    ({ path }) => /^(?:src|mocks|reports)\//.test(path) && !isTest(path),
  );

  test('has types of what others import', () => {
    const sources = libraryEntries().filter((path) => !path.includes('/generated/'));
    expect(files.toSorted()).toEqual(sources.toSorted());
  });

  test('has nothing of tests in it', () => {
    const foreign = built.flatMap((source) =>
      importsOf(source)
        .filter(({ specifier }) => /^vitest|\.test\.ts$|^(?:\.\.\/)+test\//.test(specifier))
        .map(({ offset, specifier }) =>
          at(
            source,
            lineAt(source.text, offset),
            `the package imports ${specifier}. Move this file to test/lib.`,
          ),
        ),
    );
    expectNone(foreign);
  });

  test('has nothing in it that its entry points do not reach', () => {
    const reached = reachedFrom(graphOf(scripts), entryPoints());
    const idle = built.filter(({ path }) => !reached.has(path) && !path.endsWith('.d.ts'));
    expectNone(
      idle.map((source) =>
        at(
          source,
          1,
          'no entry point reaches this file. Move it to test/lib or tools, or delete it.',
        ),
      ),
    );
  });
});

/** What package.json names, by its source; the worker, which is started by its path; and the scenarios. */
function entryPoints(): string[] {
  const { bin } = JSON.parse(readSource('package.json').text) as { bin: Record<string, string> };
  const named = Object.values(bin).map((path) => path.replace(/^dist\/(.*)\.js$/, '$1.ts'));
  const scenarios = paths.filter((path) => /^scenarios\/[^/]+\.ts$/.test(path));
  const begun = [
    'src/cli/main.ts',
    'mocks/workers/worker.ts',
    'src/run/load/timeline/join-worker.ts',
  ];
  return [...named, ...libraryEntries(), ...begun, ...scenarios];
}

/** The sources of what programs import by name, scenarios apart: their types lie in dist/types/ as they do here. */
function libraryEntries(): string[] {
  const { exports } = JSON.parse(readSource('package.json').text) as {
    exports: Record<string, string | { types: string } | null>;
  };
  return Object.values(exports)
    .flatMap((one) => (typeof one === 'string' ? [] : (one?.types ?? [])))
    .filter((path) => !path.includes('*'))
    .map((path) => path.replace(/^\.\/dist\/types\/(.*)\.d\.ts$/, '$1.ts'));
}
