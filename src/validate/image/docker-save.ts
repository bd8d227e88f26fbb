// What `docker save`, podman and skopeo (docker-archive:) write: manifest.json names configs and layers
// by their files. Old ones have a folder for each layer, new ones are OCI layouts as well.

import { type SavedImage, saveManifestFile } from '../../formats/docker-save.ts';
import { asObject } from '../../lib/json.ts';
import { quote } from '../rules/rule.ts';
import { parseBounded } from '../source.ts';
import type { AlsoFound } from '../validate.ts';
import { textResult } from '../validate.ts';
import { lengthsDiffer, type ReportRule } from './compare.ts';
import type { WalkOptions } from './layer/expected.ts';
import { deadLinkWords } from './missing.ts';
import { diffIdsOf } from './reference.ts';
import * as all from './rules.ts';
import { judgeSaveList } from './save-list.ts';
import type { FileTree } from './tree.ts';
import { contentOfTree } from './tree-content.ts';
import { ImageWalk } from './walk.ts';

/** Configs are named by their digest, in older archives with an extension; by crane with the algorithm. */
const nameOfConfig = /(?:^|[/:])([a-f0-9]{64})(?:\.json)?$/;

export async function isDockerSave(tree: FileTree): Promise<boolean> {
  if (!tree.files.has(saveManifestFile)) return false;
  const text = Buffer.from((await tree.read(saveManifestFile)) ?? []).toString('utf8');
  return text.trimStart().startsWith('[');
}

/** Judges the archive. `judged`: documents of the layout in it, which need no second look. */
export async function judgeDockerSave(
  tree: FileTree,
  options: WalkOptions,
  judged: ReadonlySet<string>,
): Promise<ImageWalk> {
  // Files stand in for digests: the archive knows no others.
  const content = contentOfTree(tree, (file) => file);
  const walk = new ImageWalk(content, options);
  const body = (await tree.read(saveManifestFile)) ?? new Uint8Array();
  const found: AlsoFound[] = [];
  const report: ReportRule = (rule, pointer, detail) => found.push({ rule, pointer, detail });
  const save = new DockerSave(tree, walk, report, judged, options);
  const value = parseBounded(body);
  if (value !== undefined) await save.judge(value);
  const path = tree.pathOf(saveManifestFile);
  walk.documents.unshift(textResult(body, path, 'docker-save', found, options));
  return walk;
}

class DockerSave {
  readonly #tree: FileTree;
  readonly #walk: ImageWalk;
  readonly #report: ReportRule;
  readonly #judged: ReadonlySet<string>;
  readonly #options: WalkOptions;
  /** diff_ids by config file. */
  readonly #configs = new Map<string, readonly string[] | undefined>();
  /** diff_ids by layer file. */
  readonly #layers = new Map<string, string[]>();
  /** Layer files of each image. */
  readonly #images: (readonly string[])[] = [];

  constructor(
    tree: FileTree,
    walk: ImageWalk,
    report: ReportRule,
    judged: ReadonlySet<string>,
    options: WalkOptions,
  ) {
    this.#tree = tree;
    this.#walk = walk;
    this.#report = report;
    this.#judged = judged;
    this.#options = options;
  }

  async judge(value: unknown): Promise<void> {
    for (const [at, image] of judgeSaveList(value, this.#report).entries()) {
      if (this.#options.signal.aborted) return;
      if (image !== undefined) await this.#image(image, `/${at}`);
    }
    await this.#judgeLayers();
  }

  async #image({ config, layers, repoTags }: SavedImage, pointer: string): Promise<void> {
    const path = this.#tree.pathOf(saveManifestFile);
    const way = { tag: repoTags?.[0] };
    if (config !== undefined) this.#walk.refer(config, path, `${pointer}/Config`, way);
    const diffIds = config === undefined ? undefined : await this.#config(config, pointer);
    if (diffIds !== undefined && layers !== undefined && diffIds.length !== layers.length) {
      const detail = lengthsDiffer(layers.length, diffIds.length);
      this.#report(all.diffIdsCount, `${pointer}/Layers`, detail);
    }
    if (layers !== undefined) this.#images.push(layers);
    for (const [at, layer] of (layers ?? []).entries()) {
      this.#walk.refer(layer, path, `${pointer}/Layers/${at}`, way);
      if (!this.#tree.files.has(layer)) {
        this.#report(all.saveEntry, `${pointer}/Layers/${at}`, this.#absence(layer));
        continue;
      }
      const known = this.#layers.get(layer) ?? [];
      const diffId = diffIds?.length === layers?.length ? diffIds?.[at] : undefined;
      this.#layers.set(layer, diffId === undefined ? known : [...known, diffId]);
    }
  }

  #absence(file: string): string {
    const link = this.#tree.deadLinks.get(file);
    return link === undefined
      ? `there is no file ${quote(file)}`
      : `${quote(file)} ${deadLinkWords(link)}`;
  }

  /** diff_ids of a config, judged at its first mention. */
  async #config(file: string, pointer: string): Promise<readonly string[] | undefined> {
    if (this.#configs.has(file)) return this.#configs.get(file);
    const bytes = this.#tree.files.get(file);
    const body = bytes === undefined ? undefined : await this.#tree.read(file);
    if (bytes === undefined || body === undefined) {
      this.#report(all.saveEntry, `${pointer}/Config`, this.#absence(file));
      return undefined;
    }
    let diffIds: readonly string[] | undefined;
    const path = this.#tree.pathOf(file);
    if (this.#judged.has(path)) {
      diffIds = diffIdsOf(asObject(parseBounded(body)));
    } else {
      const named = nameOfConfig.exec(file)?.[1];
      const actual = await this.#tree.digest(file, 'sha256');
      const holds = named === undefined || actual === undefined || actual === `sha256:${named}`;
      const detail = `it is named ${named}, and hashes to ${actual}`;
      const drafts = holds ? [] : [{ rule: all.saveConfigName, detail }];
      if (holds && named !== undefined) this.#walk.count(bytes);
      const as = { kind: 'docker-config', digest: file, drafts } as const;
      ({ diffIds } = await this.#walk.judge(path, body, as));
    }
    this.#configs.set(file, diffIds);
    return diffIds;
  }

  /** Layers are tars whose digest is the diff_id; compressed ones, which are legal, are looked into. */
  async #judgeLayers(): Promise<void> {
    for (const [file, diffIds] of this.#layers) {
      if (this.#judged.size > 0 || this.#options.signal.aborted) return;
      const actual = await this.#tree.digest(file, 'sha256');
      const holds = actual !== undefined && diffIds.every((diffId) => diffId === actual);
      if (holds && diffIds.length > 0) this.#walk.count(this.#tree.files.get(file) ?? 0);
      if (holds && !this.#options.layers) continue;
      this.#walk.expectLayer(file, { compression: 'any', diffIds });
    }
    if (this.#options.layers) {
      for (const layers of this.#images) this.#walk.expectImage(layers);
    }
    await this.#walk.inspectLayers();
  }
}
