// What a descriptor says held against the document that it refers to.

import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { type Kind, kindOfMediaType } from '../kinds.ts';
import { quote, type Rule } from '../rules/rule.ts';
import { configKinds, imageKinds, listKinds, manifestKinds, type Reference } from './reference.ts';
import * as all from './rules.ts';

/** Says that a rule is broken at a place of the document that is being judged. */
export type ReportRule = (rule: Rule, pointer: string, detail: string) => void;

/** What later checks need to know of a document that was judged. */
export interface Seen {
  readonly bytes: number;
  readonly kind: string;
  readonly mediaType: string | undefined;
  /** Of a manifest or index: what it is, if it is an artifact. */
  readonly artifactTypes?: readonly string[] | undefined;
  /** Of a config, or of the config of a manifest. */
  readonly platform?: JsonObject | undefined;
  readonly diffIds?: readonly string[] | undefined;
}

export function compare(reference: Reference, seen: Seen, report: ReportRule): void {
  const { pointer, size, mediaType, descriptor } = reference;
  if (size !== undefined && size !== seen.bytes) {
    report(all.blobSize, `${pointer}/size`, `size is ${size}, the content has ${seen.bytes} bytes`);
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
  const types = seen.artifactTypes ?? [];
  const artifactType = asString(descriptor.artifactType);
  if (artifactType !== undefined && types.length > 0 && !types.includes(artifactType)) {
    const detail = `it says ${quote(artifactType)}, the document says ${quote(types[0])}`;
    report(all.artifactTypeMismatch, `${pointer}/artifactType`, detail);
  }
}

export function alike(expected: Kind, found: string): boolean {
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
  for (const name of ['os', 'architecture', 'variant']) {
    const [said, found] = [asString(platform[name]), asString(config[name])];
    if (!said || !found || said === found) continue;
    const rule = name === 'variant' ? all.platformVariant : all.platformMismatch;
    const detail = `the entry is for ${quote(said)}, the image for ${quote(found)}`;
    report(rule, `${pointer}/platform/${name}`, detail);
  }
  const [said, found] = [windowsBuild(platform), windowsBuild(config)];
  if (said !== undefined && found !== undefined && said !== found) {
    const detail = `the entry is for Windows ${said}, the image for ${found}`;
    report(all.platformMismatch, `${pointer}/platform/os.version`, detail);
  }
}

/** Major, minor and build, which hosts go by; the revision behind them grows with every update. */
function windowsBuild(platform: JsonObject): string | undefined {
  const version = platform.os === 'windows' ? asString(platform['os.version']) : undefined;
  return /^\d{1,5}\.\d{1,5}\.\d{1,5}(?=\.|$)/.exec(version ?? '')?.[0];
}
