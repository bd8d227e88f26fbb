// The layers of an image one upon the other, for hard links to what another layer has. Of a layer below no paths
// are kept but a number for each: two that fall together hide a finding, they make none.

import { quote } from '../../rules/rule.ts';
import { type KnownPaths, lookBelow, type OutsideLink } from './links.ts';
import { layerHardLink, layerHardLinkOutside, layerHardLinkTarget } from './rules.ts';
import type { LayerTree, PathKind, ReportLayer } from './tree.ts';

const kinds = ['file', 'folder', 'symlink'] as const satisfies readonly PathKind[];

/** The paths of a layer that was read to its end, in eight bytes each. */
export class LayerPaths implements KnownPaths {
  readonly #marks: Float64Array;

  constructor(tree: LayerTree) {
    this.#marks = new Float64Array(tree.size);
    let at = 0;
    for (const [path, kind] of tree.entries()) this.#marks[at++] = markOf(path, kind);
    this.#marks.sort();
  }

  get size(): number {
    return this.#marks.length;
  }

  kindOf(path: string): PathKind {
    return kinds.find((kind) => this.#has(markOf(path, kind))) ?? 'nothing';
  }

  #has(mark: number): boolean {
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#marks[middle] as number) < mark) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low] === mark;
  }
}

/** 53 bits of a path and what it is (cyrb53, which is public domain, by bryc). */
function markOf(path: string, kind: PathKind): number {
  const seed = kinds.indexOf(kind as (typeof kinds)[number]);
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = -1; at < path.length; at++) {
    const code = at < 0 ? seed : path.charCodeAt(at);
    one = Math.imul(one ^ code, 2_654_435_761);
    two = Math.imul(two ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909);
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & two) + (one >>> 0);
}

/** Judges links of a layer by those below it, the nearest first; undefined: a layer that is not known. */
export function judgeOutsideLinks(
  links: readonly OutsideLink[],
  below: readonly (KnownPaths | undefined)[],
  report: ReportLayer,
): void {
  for (const { path, target } of links) {
    const found = seekBelow(target, below);
    const names = `${quote(path)} is a hard link to ${quote(target)}`;
    if (found === 'nothing')
      report(layerHardLinkTarget, `${names}, which no layer has at its time`);
    if (found === 'file' || found === 'symlink') {
      report(layerHardLinkOutside, `${names}, which only a layer below has`);
    }
    if (found === 'folder') report(layerHardLink, `${names}, a folder of a layer below`);
  }
}

function seekBelow(
  target: string,
  below: readonly (KnownPaths | undefined)[],
): PathKind | 'unknown' {
  for (const layer of below) {
    if (layer === undefined) return 'unknown';
    const kind = layer.kindOf(target);
    if (kind !== 'nothing') return kind;
    const left = lookBelow(layer, target);
    if (left === 'elsewhere') return 'unknown';
    if (left !== 'open') return 'nothing';
  }
  return 'nothing';
}
