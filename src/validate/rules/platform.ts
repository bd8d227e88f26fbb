// Rules about platforms: the words for them, and that an index offers each of them once.

import { childPointer } from '../../formats/places.ts';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { Kind } from '../kinds.ts';
import {
  isArchitecture,
  isOs,
  isPair,
  isVariant,
  meantWord,
  normalizePlatform,
  type PlatformNames,
} from './platform-words.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

const lists: readonly Kind[] = ['index', 'docker-manifest-list'];
const configs: readonly Kind[] = ['config', 'docker-config'];

/** What BuildKit writes for attestations, on purpose: no machine is to choose them. */
function isNoPlatform(platform: JsonObject): boolean {
  return platform.os === 'unknown' && platform.architecture === 'unknown';
}

type CheckOne = (platform: JsonObject, pointer: string, report: Report) => void;

/** The check for every platform of a document; a configuration is one itself. */
function forEach(checkOne: CheckOne): ValueRule['check'] {
  return ({ kind, value, parts }: JudgedDocument, report) => {
    if (configs.includes(kind)) {
      if (!isNoPlatform(value)) {
        checkOne(value, '', report);
      }
      return;
    }
    for (const { descriptor, pointer } of parts) {
      const platform = asObject(descriptor.platform);
      if (platform !== undefined && !isNoPlatform(platform)) {
        checkOne(platform, `${pointer}/platform`, report);
      }
    }
  };
}

function namesOf(platform: JsonObject): PlatformNames {
  const [os = '', architecture = '', variant = ''] = [
    platform.os,
    platform.architecture,
    platform.variant,
  ].map(asString);
  return normalizePlatform({ os, architecture, variant });
}

function checkWords(platform: JsonObject, pointer: string, report: Report): void {
  const os = asString(platform.os);
  const architecture = asString(platform.architecture);
  if (os !== undefined && !isOs(os)) {
    report(`${pointer}/os`, `${quote(os)} is not a goos value${guess(os, 'os')}`);
  }
  if (architecture !== undefined && !isArchitecture(architecture)) {
    const words = `${quote(architecture)} is not a goarch value`;
    report(`${pointer}/architecture`, words + guess(architecture, 'architecture'));
  }
}

function guess(word: string, what: 'os' | 'architecture'): string {
  const meant = meantWord(word, what);
  return meant === undefined ? '' : `, perhaps ${meant} is meant`;
}

function checkPair(platform: JsonObject, pointer: string, report: Report): void {
  const os = asString(platform.os);
  const architecture = asString(platform.architecture);
  if (os !== undefined && architecture !== undefined && !isPair(os, architecture)) {
    report(`${pointer}/architecture`, `${os} does not run on ${architecture}`);
  }
}

function checkVariant(platform: JsonObject, pointer: string, report: Report): void {
  const variant = asString(platform.variant) ?? '';
  const architecture = asString(platform.architecture) ?? '';
  if (variant !== '' && !isVariant(architecture, variant)) {
    const { variant: known } = namesOf(platform);
    const isMeant = known !== variant && isVariant(architecture, known);
    const meant = isMeant ? `, perhaps ${known} is meant` : '';
    const detail = `${quote(variant)} is not a variant of ${architecture}${meant}`;
    report(`${pointer}/variant`, detail);
  }
}

const windowsVersion = /^[0-9]{1,5}(?:\.[0-9]{1,5}){2,3}$/;

function checkOsVersion(platform: JsonObject, pointer: string, report: Report): void {
  const version = asString(platform['os.version']) ?? '';
  if (platform.os === 'windows' && version !== '' && !windowsVersion.test(version)) {
    report(`${pointer}/os.version`, `${quote(version)} is not a version of Windows`);
  }
}

function checkOsFeatures(platform: JsonObject, pointer: string, report: Report): void {
  const features = asArray(platform['os.features']) ?? [];
  const at = features.findIndex((it) => typeof it === 'string' && it !== 'win32k');
  if (platform.os === 'windows' && at >= 0) {
    const detail = `${quote(features[at])} is not a feature of Windows`;
    report(`${pointer}/os.features/${at}`, detail);
  }
}

const imageTypes: ReadonlySet<unknown> = new Set([
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
]);

/** Among entries with platforms, an image without one is never chosen, or by chance. */
function checkMissing({ parts }: JudgedDocument, report: Report): void {
  if (!parts.some(({ descriptor }) => asObject(descriptor.platform) !== undefined)) {
    return;
  }
  for (const { descriptor, pointer } of parts) {
    const { platform, artifactType, mediaType } = descriptor;
    if (platform === undefined && artifactType === undefined && imageTypes.has(mediaType)) {
      report(pointer, 'it has no platform, while other entries have one');
    }
  }
}

/** Clients that prefer zstd look for this among entries of the same platform. */
const zstdAnnotation = 'io.github.containers.compression.zstd';

/** Entries with equal keys offer a client the same thing twice. */
function choiceKey(entry: JsonObject, platform: JsonObject): string {
  const features = [...(asArray(platform['os.features']) ?? [])].sort();
  return JSON.stringify([
    namesOf(platform),
    platform['os.version'] ?? '',
    features,
    entry.artifactType ?? '',
    asObject(entry.annotations)?.[zstdAnnotation] ?? '',
  ]);
}

function checkDuplicates({ parts }: JudgedDocument, report: Report): void {
  const firstByKey = new Map<string, { readonly pointer: string; readonly said: string }>();
  for (const { descriptor, pointer } of parts) {
    const platform = asObject(descriptor.platform);
    if (platform === undefined || isNoPlatform(platform)) {
      continue;
    }
    const key = choiceKey(descriptor, platform);
    const said = JSON.stringify([platform.os, platform.architecture, platform.variant ?? '']);
    const first = firstByKey.get(key);
    if (first === undefined) {
      firstByKey.set(key, { pointer, said });
    } else {
      const reader = first.said === said ? '' : ', as containerd and Docker read it';
      const detail = `the entry at ${first.pointer} is for the same platform${reader}`;
      report(childPointer(pointer, 'platform'), detail);
    }
  }
}

const spec = 'image-spec/image-index.md#image-index-property-descriptions';
const kinds: readonly Kind[] = [...lists, ...configs, 'descriptor'];

export const platformRules: readonly ValueRule[] = [
  {
    id: 'platform-unknown',
    level: 'warning',
    spec,
    summary: 'Operating systems and architectures are named as Go names them.',
    fix: 'Use the value that `go tool dist list` knows: podman and most clients choose by its exact text.',
    kinds,
    check: forEach(checkWords),
  },
  {
    id: 'platform-pair',
    level: 'warning',
    spec,
    summary: 'The operating system runs on the architecture.',
    fix: 'Use a pair that `go tool dist list` knows, or no client will choose this image.',
    kinds,
    check: forEach(checkPair),
  },
  {
    id: 'platform-variant',
    level: 'warning',
    spec: 'image-spec/image-index.md#platform-variants',
    summary: 'The variant is one that the architecture has.',
    fix: 'Use a variant of the table in image-spec, such as v7 for arm, v8 for arm64, v2 for amd64.',
    kinds,
    check: forEach(checkVariant),
  },
  {
    id: 'platform-os-version',
    level: 'warning',
    spec,
    summary: 'The os.version of a Windows platform is a version of Windows.',
    fix: 'Write major.minor.build, and the revision after it, such as 10.0.14393.1066.',
    kinds,
    check: forEach(checkOsVersion),
  },
  {
    id: 'platform-os-features',
    level: 'warning',
    spec,
    summary: 'The os.features of a Windows platform are those that image-spec knows: win32k.',
    fix: 'Use win32k, or leave the feature out.',
    kinds,
    check: forEach(checkOsFeatures),
  },
  {
    id: 'platform-missing',
    level: 'note',
    spec: 'image-spec/descriptor.md#properties',
    summary: 'An index that tells platforms tells them of every image.',
    fix: 'Add platform, or artifactType if this is not an image.',
    kinds: ['index'],
    check: checkMissing,
  },
  {
    id: 'platform-duplicate',
    level: 'warning',
    spec,
    summary: 'An index has one entry for a platform.',
    fix: 'Remove one of them; clients take the first.',
    kinds: lists,
    check: checkDuplicates,
  },
];
