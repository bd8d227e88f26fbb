// Rules about platforms: the words for them, and that an index offers each of them once.

import { asArray, asObject, asString, type JsonObject } from '../../protocol/json.ts';
import type { Kind } from '../kinds.ts';
import { childPointer } from '../pointer.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

/** Go's goos and goarch (go.dev/doc/install/source#environment), as the spec asks for. */
const goos = new Set(
  (
    'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris ' +
    'wasip1 windows'
  ).split(' '),
);
const goarch = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(
    ' ',
  ),
);

const lists: readonly Kind[] = ['index', 'docker-manifest-list'];
const configs: readonly Kind[] = ['config', 'docker-config'];

/** What BuildKit writes for attestations, on purpose: no machine is to choose them. */
function isNoPlatform(platform: JsonObject): boolean {
  return platform.os === 'unknown' && platform.architecture === 'unknown';
}

function checkWords(platform: JsonObject, pointer: string, report: Report): void {
  const os = asString(platform.os);
  const architecture = asString(platform.architecture);
  if (os !== undefined && !goos.has(os)) {
    report(`${pointer}/os`, `${quote(os)} is not a goos value`);
  }
  if (architecture !== undefined && !goarch.has(architecture)) {
    report(`${pointer}/architecture`, `${quote(architecture)} is not a goarch value`);
  }
}

function checkPlatforms({ kind, value, parts }: JudgedDocument, report: Report): void {
  if (configs.includes(kind)) {
    if (!isNoPlatform(value)) {
      checkWords(value, '', report);
    }
    return;
  }
  for (const { descriptor, pointer } of parts) {
    const platform = asObject(descriptor.platform);
    if (platform !== undefined && !isNoPlatform(platform)) {
      checkWords(platform, childPointer(pointer, 'platform'), report);
    }
  }
}

/** Clients that prefer zstd look for this among entries of the same platform. */
const zstdAnnotation = 'io.github.containers.compression.zstd';

/** Entries with equal keys offer a client the same thing twice. */
function choiceKey(entry: JsonObject, platform: JsonObject): string {
  const features = [...(asArray(platform['os.features']) ?? [])].sort();
  return JSON.stringify([
    platform.os,
    platform.architecture,
    platform.variant ?? '',
    platform['os.version'] ?? '',
    features,
    entry.artifactType ?? '',
    asObject(entry.annotations)?.[zstdAnnotation] ?? '',
  ]);
}

function checkDuplicates({ parts }: JudgedDocument, report: Report): void {
  const firstByKey = new Map<string, string>();
  for (const { descriptor, pointer } of parts) {
    const platform = asObject(descriptor.platform);
    if (platform === undefined || isNoPlatform(platform)) {
      continue;
    }
    const key = choiceKey(descriptor, platform);
    const first = firstByKey.get(key);
    if (first === undefined) {
      firstByKey.set(key, pointer);
    } else {
      const detail = `the entry at ${first} is for the same platform`;
      report(childPointer(pointer, 'platform'), detail);
    }
  }
}

export const platformRules: readonly ValueRule[] = [
  {
    id: 'platform-unknown',
    level: 'warning',
    spec: 'image-spec/image-index.md#image-index-property-descriptions',
    summary: 'Operating systems and architectures are named as Go names them.',
    fix: 'Use the value that `go tool dist list` knows, or no client will choose this image.',
    kinds: [...lists, ...configs, 'descriptor'],
    check: checkPlatforms,
  },
  {
    id: 'platform-duplicate',
    level: 'warning',
    spec: 'image-spec/image-index.md#image-index-property-descriptions',
    summary: 'An index has one entry for a platform.',
    fix: 'Remove one of them; clients take the first.',
    kinds: lists,
    check: checkDuplicates,
  },
];
