// The entries of one layer as its tar names them: each by itself, and by what it is told to (tree.ts,
// links.ts) beside the others.

import { plainPath } from '../../../formats/tar/names.ts';
import type { TarEntry } from '../../../formats/tar/read.ts';
import { quote } from '../../rules/rule.ts';
import { HardLinks, type OutsideLink } from './links.ts';
import * as all from './rules.ts';
import { LayerTree, opaqueWhiteout, type ReportLayer, whiteoutPrefix } from './tree.ts';

/** What AUFS kept at the root of a branch, and Docker once put into layers: all clients skip it. */
const aufsNames = new Set(['.wh..wh.aufs', '.wh..wh.orph', '.wh..wh.plnk']);
const stepBack = /(?:^|\/)\.\.(?:\/|$)/;
/** The last step of a whiteout: clients make no link for it. */
const whiteoutName = /(?:^|\/)\.wh\.[^/]*$/;
const whiteoutStep = /(?:^|\/)\.wh\./;

export class LayerEntries {
  readonly tree: LayerTree;
  readonly #report: ReportLayer;
  readonly #links: HardLinks;

  constructor(report: ReportLayer) {
    this.#report = report;
    this.tree = new LayerTree(report);
    this.#links = new HardLinks(this.tree, report);
  }

  add(entry: TarEntry): void {
    const { path, type, link } = entry;
    if (type === 'unknown' || type === 'continued') {
      const detail = `${quote(path)} is neither a file nor a folder, link, device or pipe`;
      this.#report(all.layerEntryType, detail);
      // What it stands for, a folder of an incremental archive perhaps, is for its archiver to say.
      return;
    }
    if (path.startsWith('/')) this.#report(all.layerPathAbsolute, `${quote(path)} is absolute`);
    if (entry.sparse) this.#report(all.layerSparse, `${quote(path)} is a sparse file`);
    if (path === '') this.#report(all.layerTar, 'an entry has no name');
    if ((type === 'symlink' || type === 'hardlink') && link === '') {
      this.#report(all.layerTar, `${quote(path)} is a link to nothing`);
    }
    if (path.includes(whiteoutPrefix) && whiteoutStep.test(path)) this.#whiteout(entry);
    const leadsBack = stepBack.test(path);
    if (leadsBack) this.#report(all.layerPath, `${quote(path)} has a step ".."`);
    const plain = plainPath(path);
    const climbs = type === 'symlink' && !leadsBack && climbsFrom(plain, link);
    if (climbs) {
      const detail = `${quote(path)} is a link to ${quote(link)}, above the root`;
      this.#report(all.layerLink, detail);
    }
    // Where a path with steps back lies is for each client to say.
    if (!leadsBack) this.tree.add(entry, plain, climbs);
    if (type === 'hardlink' && link !== '') this.#hardLink(entry, plain);
  }

  /** @returns hard links to what other layers may have */
  finish(): readonly OutsideLink[] {
    this.tree.finish();
    return this.#links.finish();
  }

  #hardLink({ path, link }: TarEntry, plain: string): void {
    if (stepBack.test(link)) {
      this.#report(all.layerPath, `${quote(path)} is a hard link to ${quote(link)}`);
    } else if (plain !== '' && !whiteoutName.test(plain)) {
      this.#links.add(path, plain, link);
    }
  }

  #whiteout({ path, type, bytes }: TarEntry): void {
    const steps = path.split('/').filter((step) => step !== '' && step !== '.');
    const name = steps.at(-1) ?? '';
    if (steps.some((step) => aufsNames.has(step))) {
      this.#report(all.layerAufs, `${quote(path)} was a file of AUFS's own`);
      return;
    }
    const inside = steps.slice(0, -1).some((step) => step.startsWith(whiteoutPrefix));
    if (inside) this.#report(all.layerWhiteout, `${quote(path)} is below a whiteout`);
    if (!name.startsWith(whiteoutPrefix)) return;
    const hidden = name.slice(whiteoutPrefix.length);
    if (hidden === '' || hidden === '.' || hidden === '..') {
      this.#report(all.layerWhiteout, `${quote(path)} hides nothing that can have a name`);
    } else if (hidden.startsWith(whiteoutPrefix) && name !== opaqueWhiteout) {
      this.#report(all.layerWhiteout, `${quote(path)} hides a whiteout`);
    } else if (type === 'hardlink') {
      this.#report(all.layerWhiteoutLink, `${quote(path)} is a hard link`);
    } else if (type !== 'file') {
      this.#report(all.layerWhiteout, `${quote(path)} is no regular file`);
    } else if (bytes > 0) {
      this.#report(all.layerWhiteout, `${quote(path)} has content`);
    }
  }
}

/** Whether a relative link at a plain path leads above the root. */
function climbsFrom(path: string, link: string): boolean {
  if (link.startsWith('/') || !link.includes('..')) return false;
  let depth = path.split('/').length - 1;
  for (const step of link.split('/')) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
