// What a descriptor says held against the document that it refers to.

import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { plural } from '../../lib/plural.ts';
import { detectKind, type Kind, kindOfMediaType } from '../kinds.ts';
import { normalizePlatform, type PlatformNames } from '../rules/platform-words.ts';
import { quote, type Rule } from '../rules/rule.ts';
import { configKinds, imageKinds, listKinds, manifestKinds, type Reference } from './reference.ts';
import type { ReferrerFacts } from './referrers-list.ts';
import * as all from './rules.ts';

/** Says that a rule is broken at a place of the document that is being judged. */
export type ReportRule = (rule: Rule, pointer: string, detail: string) => void;

/** The kind of content that is no document, whatever it holds. */
export const opaque = 'blob';

/** What later checks need to know of a document that was judged. */
export interface Seen {
  readonly bytes: number;
  readonly kind: string;
  readonly mediaType: string | undefined;
  /** Of a manifest or index. */
  readonly facts?: ReferrerFacts | undefined;
  /** Of a config, or of the config of a manifest. */
  readonly platform?: JsonObject | undefined;
  readonly diffIds?: readonly string[] | undefined;
}

export function compare(reference: Reference, seen: Seen, report: ReportRule): void {
  const { pointer, size, mediaType } = reference;
  if (size !== undefined && size !== seen.bytes) {
    report(
      all.blobSize,
      `${pointer}/size`,
      `size is ${size}, the content has ${plural(seen.bytes, 'byte')}`,
    );
  }
  const expected = kindOfMediaType(mediaType);
  // A configuration has no media type of its own.
  const said = manifestKinds.includes(expected) ? seen.mediaType : undefined;
  if (said !== undefined && said !== mediaType) {
    const detail = `it says ${quote(mediaType)}, the document says ${quote(said)}`;
    report(all.descriptorTypeMismatch, `${pointer}/mediaType`, detail);
  } else if (expected !== undefined && said === undefined && !alike(expected, seen.kind)) {
    const detail = `it says ${quote(mediaType)}, the document has the shape of a ${seen.kind}`;
    report(all.descriptorTypeMismatch, `${pointer}/mediaType`, detail);
  }
}

/** Layers of a manifest and diff_ids of its config, when there are not as many. */
export function lengthsDiffer(layers: number, diffIds: number): string {
  const are = layers === 1 ? 'is' : 'are';
  return `there ${are} ${plural(layers, 'layer')}, the config has ${plural(diffIds, 'diff_id')}`;
}

/** Outside lists of referrers, image-spec lets it be the media type of the config as well. */
export function compareArtifactType(
  { descriptor, pointer }: Reference,
  facts: ReferrerFacts,
  report: ReportRule,
): void {
  const types = [facts.artifactType, facts.configType].filter((it) => it !== undefined);
  const artifactType = asString(descriptor.artifactType);
  if (artifactType === undefined || types.length === 0 || types.includes(artifactType)) return;
  const detail = `it says ${quote(artifactType)}, the document says ${quote(types[0])}`;
  report(all.artifactTypeMismatch, `${pointer}/artifactType`, detail);
}

function alike(expected: Kind, found: string): boolean {
  const families = [listKinds, imageKinds, configKinds];
  const family = families.find((kinds) => kinds.includes(expected));
  return found === 'unknown' || (family?.includes(found as Kind) ?? expected === found);
}

export function comparePlatforms(
  { descriptor, pointer }: Reference,
  config: JsonObject | undefined,
  report: ReportRule,
): void {
  const platform = asObject(descriptor.platform);
  if (platform === undefined || config === undefined || platform.os === 'unknown') return;
  const [entry, image] = [namesOf(platform), namesOf(config)];
  for (const name of ['os', 'architecture'] as const) {
    if (!entry[name] || !image[name] || entry[name] === image[name]) continue;
    const detail = `the entry is for ${quote(platform[name])}, the image for ${quote(config[name])}`;
    report(all.platformMismatch, `${pointer}/platform/${name}`, detail);
  }
  const isComparable = entry.variant !== '' && image.variant !== '';
  if (
    isComparable &&
    entry.architecture === image.architecture &&
    entry.variant !== image.variant
  ) {
    const place = platform.variant === undefined ? '' : '/variant';
    const [said, found] = [variantText(platform, entry), variantText(config, image)];
    const detail = `the entry is for ${said}, the image for ${found}`;
    report(all.platformVariant, `${pointer}/platform${place}`, detail);
  }
  const [said, found] = [windowsBuild(platform), windowsBuild(config)];
  if (said !== undefined && found !== undefined && said !== found) {
    const detail = `the entry is for Windows ${said}, the image for ${found}`;
    report(all.platformMismatch, `${pointer}/platform/os.version`, detail);
  }
  if (entry.os === 'windows') compareWindows(platform, config, `${pointer}/platform`, report);
}

/** Hosts choose by what the entry says; what it leaves out, they find when it is too late. */
function compareWindows(
  platform: JsonObject,
  config: JsonObject,
  pointer: string,
  report: ReportRule,
): void {
  const build = windowsBuild(config);
  if (build !== undefined && !asString(platform['os.version'])) {
    const detail = `the image is for Windows ${build}, the entry has no os.version`;
    report(all.platformIncomplete, pointer, detail);
  }
  const said = asArray(platform['os.features']) ?? [];
  const missing = (asArray(config['os.features']) ?? []).find((it) => !said.includes(it));
  if (missing !== undefined) {
    const detail = `the image needs ${quote(missing)}, which os.features of the entry do not name`;
    report(all.platformIncomplete, pointer, detail);
  }
}

/** Names as clients compare them; empty where none is said. */
function namesOf(platform: JsonObject): PlatformNames {
  const [os = '', architecture = '', variant = ''] = ['os', 'architecture', 'variant'].map((name) =>
    asString(platform[name]),
  );
  return normalizePlatform({ os, architecture, variant });
}

/** A variant as it stands there, and what none means. */
function variantText({ architecture, variant }: JsonObject, names: PlatformNames): string {
  if (asString(variant)) return quote(variant);
  return `${quote(architecture)} without a variant, which is ${names.variant} to containerd and Docker`;
}

/** Major, minor and build, which hosts go by; the revision behind them grows with every update. */
function windowsBuild(platform: JsonObject): string | undefined {
  const version = platform.os === 'windows' ? asString(platform['os.version']) : undefined;
  return /^\d{1,5}\.\d{1,5}\.\d{1,5}(?=\.|$)/.exec(version ?? '')?.[0];
}

/** The kind to judge a document as: what it says or shows; else what its descriptor says. */
export function kindFor(
  value: JsonObject | undefined,
  expected: Kind | undefined,
): Kind | undefined {
  const found = value && detectKind(value);
  if (found === undefined || expected === undefined) return expected ?? found;
  const silent = value?.mediaType === undefined;
  return (silent && alike(expected, found)) || configKinds.includes(expected) ? expected : found;
}
