// The words of platforms: Go's values of GOOS and GOARCH, which pairs of them exist, and the variants
// of CPUs in image-spec's table.

import { meantName } from '../../lib/nearest.ts';

/** `go tool dist list` of Go 1.26, and what older ports are still found in images. */
const pairs: Readonly<Record<string, string>> = {
  aix: 'ppc64',
  android: '386 amd64 arm arm64',
  darwin: '386 amd64 arm arm64',
  dragonfly: 'amd64',
  freebsd: '386 amd64 arm arm64 riscv64',
  illumos: 'amd64',
  ios: 'amd64 arm64',
  js: 'wasm',
  linux: '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x',
  netbsd: '386 amd64 arm arm64',
  openbsd: '386 amd64 arm arm64 mips64 ppc64 riscv64',
  plan9: '386 amd64 arm',
  solaris: 'amd64',
  wasip1: 'wasm',
  windows: '386 amd64 arm arm64',
};

const architecturesByOs: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(pairs).map(([os, architectures]) => [os, new Set(architectures.split(' '))]),
);
const allArchitectures = new Set([...architecturesByOs.values()].flatMap((set) => [...set]));

export function isOs(os: string): boolean {
  return architecturesByOs.has(os);
}

export function isArchitecture(architecture: string): boolean {
  return allArchitectures.has(architecture);
}

/** What other systems call what Go has a word for. */
const aliases: Readonly<Record<string, string>> = {
  aarch64: 'arm64',
  arm64v8: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  armv6l: 'arm',
  armv7: 'arm',
  armv7l: 'arm',
  i386: '386',
  i486: '386',
  i586: '386',
  i686: '386',
  x86: '386',
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  mips64el: 'mips64le',
  mipsel: 'mipsle',
  ppc64el: 'ppc64le',
  powerpc64le: 'ppc64le',
  loongarch64: 'loong64',
  wasm32: 'wasm',
  macos: 'darwin',
  osx: 'darwin',
  sunos: 'solaris',
  win32: 'windows',
};

/** The operating system, or the architecture, that an unknown word was meant to be. */
export function meantWord(word: string, what: 'os' | 'architecture'): string | undefined {
  const known = what === 'os' ? [...architecturesByOs.keys()] : [...allArchitectures];
  const alias = aliases[word.toLowerCase()];
  return alias !== undefined && known.includes(alias) ? alias : meantName(word, known);
}

/** Whether Go has a port for both together; true too for words that it does not know at all. */
export function isPair(os: string, architecture: string): boolean {
  const architectures = architecturesByOs.get(os);
  return (
    architectures === undefined || !isArchitecture(architecture) || architectures.has(architecture)
  );
}

/** The table "Platform Variants" of image-index.md, and GOARM=5, which it leaves to the Go analog. */
const variants: ReadonlyMap<string, RegExp> = new Map([
  ['arm', /^v[5-8]$/],
  ['arm64', /^v[89](?:\.[0-9])?$/],
  ['ppc64le', /^power(?:8|9|1[0-9])$/],
  ['riscv64', /^rva[0-9]{2}u64$/],
  ['amd64', /^v[1-4]$/],
]);

/** Whether a CPU has this variant; true for architectures whose variants nobody lists. */
export function isVariant(architecture: string, variant: string): boolean {
  return variants.get(architecture)?.test(variant) ?? true;
}

/** A platform as containerd and Docker compare it (containerd/platforms, Normalize). */
export interface PlatformNames {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

/** Other names of architectures, with the variant that some of them stand for. */
const architectureAliases: ReadonlyMap<string, readonly [architecture: string, variant?: string]> =
  new Map([
    ['i386', ['386', '']],
    ['x86_64', ['amd64']],
    ['x86-64', ['amd64']],
    ['aarch64', ['arm64']],
    ['armhf', ['arm', 'v7']],
    ['armel', ['arm', 'v6']],
  ]);

const osAliases: ReadonlyMap<string, string> = new Map([['macos', 'darwin']]);

/** What no variant means, and what others are written for the same. */
const variantAliases: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['amd64', { '': 'v1' }],
  ['arm', { '': 'v7', '5': 'v5', '6': 'v6', '7': 'v7', '8': 'v8' }],
  ['arm64', { '': 'v8', '8': 'v8', 'v8.0': 'v8', '9': 'v9', '9.0': 'v9', 'v9.0': 'v9' }],
]);

/** Names in small letters and without aliases; a variant is there wherever none means one. */
export function normalizePlatform({ os, architecture, variant }: PlatformNames): PlatformNames {
  const written = architecture.toLowerCase();
  const [name = written, implied] = architectureAliases.get(written) ?? [];
  const said = implied ?? variant.toLowerCase();
  const aliases = variantAliases.get(name) ?? {};
  return {
    os: osAliases.get(os.toLowerCase()) ?? os.toLowerCase(),
    architecture: name,
    variant: Object.hasOwn(aliases, said) ? (aliases[said] ?? said) : said,
  };
}
