// Who imports whom among the sources, and what follows from it: circles, and what an entry point reaches.
import { posix } from 'node:path';
import { type Node, nodesOf, type Source, syntaxOf } from './sources.ts';

export interface Import {
  readonly offset: number;
  /** As it is written. */
  readonly specifier: string;
  /** Types alone leave nothing behind at run time. */
  readonly isType: boolean;
}

export type Graph = ReadonlyMap<string, readonly (Import & { readonly target: string })[]>;

/** Imports and exports from elsewhere, also those that are made only when they are needed. */
export function importsOf(source: Source): Import[] {
  return [...nodesOf(syntaxOf(source))].flatMap((node) => {
    const from = (node.source ?? undefined) as Node | undefined;
    if (!node.type.startsWith('Import') && !node.type.startsWith('Export')) return [];
    if (typeof from?.value !== 'string') return [];
    const isType = node.importKind === 'type' || node.exportKind === 'type';
    return [{ offset: node.start, specifier: from.value, isType }];
  });
}

/** By path; imports of packages are left out. */
export function graphOf(sources: readonly Source[]): Graph {
  return new Map(
    sources.map((source) => {
      const local = importsOf(source).filter(({ specifier }) => specifier.startsWith('.'));
      const folder = posix.dirname(source.path);
      return [
        source.path,
        local.map((each) => ({ ...each, target: posix.join(folder, each.specifier) })),
      ];
    }),
  );
}

/** Each circle of imports that carry values once, as the paths along it; the last imports the first. */
export function circlesOf(graph: Graph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    const at = way.indexOf(path);
    if (at >= 0) circles.push(way.slice(at));
    if (at >= 0 || done.has(path)) return;
    way.push(path);
    for (const { target, isType } of graph.get(path) ?? []) if (!isType) visit(target);
    way.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return circles;
}

/** What these import, directly or not, types included; they themselves too. */
export function reachedFrom(graph: Graph, entries: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...(graph.get(path) ?? []).map(({ target }) => target));
  }
  return reached;
}
