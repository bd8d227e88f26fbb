// Hard links: each needs a file that is there when a client makes the link, in the same layer or in one below
// (image-spec layer.md, Hardlinks). What the layer itself cannot tell is told where the whole image is known.

import { plainPath } from '../../../formats/tar/names.ts';
import { quote, type Rule } from '../../rules/rule.ts';
import { layerHardLink, layerHardLinkAbsolute, layerHardLinkTarget } from './rules.ts';
import {
  aufsPrefix,
  type LayerTree,
  opaqueWhiteout,
  type PathKind,
  type ReportLayer,
  whiteoutPrefix,
} from './tree.ts';

/** Links kept until the end of their layer, and the characters of their names; others are not judged. */
const linksMax = 100_000;
const linkCharsMax = 4 * 1024 * 1024;
/** Longer targets, which no Linux can have, are not looked for in other layers, nor deeper ones. */
const targetCharsMax = 4_096;
const targetStepsMax = 256;

/** A hard link to what its layer does not have. */
export interface OutsideLink {
  /** As written. */
  readonly path: string;
  /** Plain path. */
  readonly target: string;
}

/** Whatever knows the paths of a layer. */
export interface KnownPaths {
  kindOf(path: string): PathKind;
}

export class HardLinks {
  readonly #tree: LayerTree;
  readonly #report: ReportLayer;
  readonly #waiting: OutsideLink[] = [];
  #chars = 0;

  constructor(tree: LayerTree, report: ReportLayer) {
    this.#tree = tree;
    this.#report = report;
  }

  /** `plain` is the plain path of the link, `link` its target as written, without steps back. */
  add(path: string, plain: string, link: string): void {
    const target = plainPath(link);
    const names = () => `${quote(path)} is a hard link to ${quote(link)}`;
    if (link.startsWith('/')) this.#report(layerHardLinkAbsolute, names);
    if (target === '') {
      this.#report(layerHardLink, () => `${names()}, the root of all`);
    } else if (target === plain) {
      this.#report(layerHardLink, () => `${quote(path)} is a hard link to itself`);
    } else if (isWhiteout(target)) {
      const why = 'a whiteout, which no client makes a file of';
      this.#report(layerHardLinkTarget, () => `${names()}, ${why}`);
    } else {
      const kind = this.#tree.kindOf(target);
      if (kind === 'folder') this.#report(layerHardLink, () => `${names()}, a folder`);
      else if (kind === 'nothing') this.#wait({ path, target });
    }
  }

  /** Judges links whose target had not come. @returns those to what other layers may have */
  finish(): readonly OutsideLink[] {
    if (!this.#tree.isWhole) return [];
    return this.#waiting.filter(({ path, target }) => {
      const tell = (rule: Rule, what: string) =>
        this.#report(rule, () => `${quote(path)} is a hard link to ${quote(target)}, ${what}`);
      const kind = this.#tree.kindOf(target);
      if (kind === 'folder') tell(layerHardLink, 'a folder');
      else if (kind !== 'nothing') tell(layerHardLinkTarget, 'which comes later');
      if (kind !== 'nothing') return false;
      const below = lookBelow(this.#tree, target);
      if (below === 'hidden')
        tell(layerHardLinkTarget, 'which a whiteout of the same layer removes');
      if (below === 'blocked') tell(layerHardLinkTarget, 'below what is no folder');
      return below === 'open';
    });
  }

  #wait(link: OutsideLink): void {
    this.#chars += link.path.length + link.target.length;
    if (this.#waiting.length >= linksMax || this.#chars > linkCharsMax) return;
    this.#waiting.push(link);
  }
}

/**
 * What a layer that has no entry for a path leaves of it in the layers below: `hidden` by a whiteout, `blocked` by
 * a file in the place of a folder, `elsewhere`: a link leads to another place, which is not followed.
 */
export function lookBelow(
  layer: KnownPaths,
  path: string,
): 'open' | 'hidden' | 'blocked' | 'elsewhere' {
  const steps = path.split('/');
  if (path.length > targetCharsMax || steps.length > targetStepsMax) return 'elsewhere';
  let folder = '';
  let outcome: 'open' | 'hidden' = 'open';
  for (const step of steps) {
    const isHidden = [`${whiteoutPrefix}${step}`, opaqueWhiteout].some(
      (name) => layer.kindOf(`${folder}${name}`) !== 'nothing',
    );
    if (isHidden) outcome = 'hidden';
    const kind = layer.kindOf(`${folder}${step}`);
    if (kind === 'symlink') return 'elsewhere';
    if (kind === 'file') return 'blocked';
    folder += `${step}/`;
  }
  return outcome;
}

function isWhiteout(target: string): boolean {
  const steps = target.split('/');
  // What AUFS kept there were the files of hard links, which Docker still makes.
  if (steps.some((step) => step.startsWith(aufsPrefix) && step !== opaqueWhiteout)) return false;
  return steps.some((step) => step.startsWith(whiteoutPrefix));
}
