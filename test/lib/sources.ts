// The sources of this repository as test/tidy.test.ts reads them: which there are, their syntax, their comments.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vitest/node';
import { packageRoot } from '../../src/run/package-root.ts';

/** A file of ours, its path from the root. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A node of the syntax tree (ESTree with types); what else it holds depends on its type. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Some of a file, and the line where it begins, from 1. */
export interface Piece {
  readonly line: number;
  readonly text: string;
}

/** Whatever git does not keep, and git's own. */
const foreignFolders: ReadonlySet<string> = new Set([
  '.git',
  ...readFileSync(join(packageRoot, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\/$/, '')),
]);

/** Every file of the repository, by its path from the root. */
export function allPaths(folder = ''): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (foreignFolders.has(entry.name) || foreignFolders.has(path)) return [];
    return entry.isDirectory() ? allPaths(path) : entry.isFile() ? [path] : [];
  });
}

export function readSource(path: string): Source {
  return { path, text: readFileSync(join(packageRoot, path), 'utf8') };
}

/** Which line a place is in, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

const known = new Map<string, Node>();

/** @throws Error for what is no TypeScript or JavaScript */
export function syntaxOf({ path, text }: Source): Node {
  const key = `${path}\n${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const lang = path.endsWith('.d.ts') ? 'dts' : path.endsWith('.ts') ? 'ts' : 'js';
  const tree = parseAst(text, { lang, astType: 'ts' }) as unknown as Node;
  known.set(key, tree);
  return tree;
}

/** The node itself and all below it, in the order of the text. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* nodesOf(child);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The comments of TypeScript, JavaScript or Go; lines that follow each other stay apart. */
export function commentsOf(source: Source): Piece[] {
  const { path, text } = source;
  const pattern = path.endsWith('.go') ? goTokens : /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  const code = path.endsWith('.go') ? text : withoutLiterals(source);
  return [...code.matchAll(pattern)]
    .filter(([token]) => token.startsWith('/'))
    .map(({ index, 0: token }) => ({ line: lineAt(text, index), text: token }));
}

const goTokens = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const literals: ReadonlySet<string> = new Set(['Literal', 'TemplateElement']);

/** With blanks for strings and patterns, which may look like comments. */
function withoutLiterals(source: Source): string {
  const { text } = source;
  let blanked = '';
  for (const { type, start, end } of nodesOf(syntaxOf(source))) {
    if (!literals.has(type) || start < blanked.length) continue;
    blanked += text.slice(blanked.length, start) + ' '.repeat(end - start);
  }
  return blanked + text.slice(blanked.length);
}
