// Platforms (`linux/arm/v7`) and the rules by which clients choose one entry of an index. Each rule
// turns what is wanted into an ordered wish list; one small engine picks by it. Not modelled: CPU
// detection, and the builds of Windows (`os.version`).

/** As image-spec writes it (image-index.md, `platform`), property names included. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/**
 * `containers`: podman, skopeo, buildah, CRI-O. `containerd`: containerd and Docker. `crane`:
 * go-containerregistry. `regclient`: regctl. `oras`: oras-go.
 */
export type PlatformRule = 'containers' | 'containerd' | 'crane' | 'regclient' | 'oras';

/** What an index entry must have to be chosen from; a descriptor has it. */
export interface PlatformEntry {
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

const platformText = /^[A-Za-z0-9_.-]{1,64}\/[A-Za-z0-9_.-]{1,64}(?:\/[A-Za-z0-9_.-]{1,64})?$/;

/** Reads `os/architecture[/variant]`; undefined for other text. Names are taken as they are. */
export function parsePlatform(text: string): Platform | undefined {
  if (!platformText.test(text)) {
    return undefined;
  }
  const [os = '', architecture = '', variant] = text.split('/');
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** Compared by os, architecture and variant only; '' means no variant. */
interface Wish {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

interface Rule {
  /** Best first. */
  readonly wishes: (wanted: Wish) => readonly Wish[];
  /** How the client reads an entry's platform before it compares; left out: as it is. */
  readonly read?: (platform: Wish) => Wish;
  /** Whether a wish without variant takes an entry of any variant. */
  readonly anyVariant: boolean;
  /** What an entry without platform is: the last resort, none at all, or a platform like any other. */
  readonly withoutPlatform: 'last' | 'never' | Wish;
  /** Whether, among equals, the entry marked as zstd-compressed wins over the first. */
  readonly prefersZstd: boolean;
}

const zstdAnnotation = 'io.github.containers.compression.zstd';

/** Known variants from the most to the least demanding, and the one that every machine runs. */
const containersVariants: ReadonlyMap<string, readonly string[]> = new Map([
  ['arm', ['v8', 'v7', 'v6', 'v5']],
  ['arm64', ['v8']],
]);
const containersBaseVariant: ReadonlyMap<string, string> = new Map([['arm64', 'v8']]);

const craneDefault: Wish = { os: 'linux', architecture: 'amd64', variant: '' };

const rules: Readonly<Record<PlatformRule, Rule>> = {
  containers: {
    wishes: containersWishes,
    anyVariant: false,
    withoutPlatform: 'last',
    prefersZstd: true,
  },
  containerd: {
    wishes: containerdWishes,
    read: normalizeContainerd,
    anyVariant: false,
    withoutPlatform: 'last',
    prefersZstd: false,
  },
  crane: {
    wishes: (wanted) => [wanted],
    anyVariant: true,
    withoutPlatform: craneDefault,
    prefersZstd: false,
  },
  regclient: {
    wishes: regclientWishes,
    read: normalizeContainerd,
    anyVariant: false,
    withoutPlatform: 'never',
    prefersZstd: false,
  },
  oras: {
    wishes: (wanted) => [wanted],
    anyVariant: true,
    withoutPlatform: 'never',
    prefersZstd: false,
  },
};

/**
 * The entry that a client of this rule would pull for `wanted` (undefined: linux/amd64); undefined
 * when none fits. Attestations (`unknown/unknown`) are never chosen, even when asked for.
 */
export function choosePlatform<T extends PlatformEntry>(
  entries: readonly T[],
  wanted: Platform | undefined,
  rule: PlatformRule,
): T | undefined {
  const { wishes, read, anyVariant, withoutPlatform, prefersZstd } = rules[rule];
  const wishList = wishes(wanted === undefined ? craneDefault : toWish(wanted));
  let best: T | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const platform = entry.platform === undefined ? withoutPlatform : toWish(entry.platform, read);
    if (platform === 'never') continue;
    const place = platform === 'last' ? wishList.length : placeOf(platform, wishList, anyVariant);
    if (place < 0) {
      continue;
    }
    // Two ranks for each place, so that a preferred entry is better than its equals only.
    const rank =
      2 * place - (prefersZstd && entry.annotations?.[zstdAnnotation] === 'true' ? 1 : 0);
    if (rank < bestRank) {
      best = entry;
      bestRank = rank;
    }
  }
  return best;
}

function toWish(platform: Platform, read?: (platform: Wish) => Wish): Wish {
  const wish = {
    os: platform.os,
    architecture: platform.architecture,
    variant: platform.variant ?? '',
  };
  return read === undefined ? wish : read(wish);
}

/** Place of the first wish that the platform fulfils; -1 for none. */
function placeOf(platform: Wish, wishList: readonly Wish[], anyVariant: boolean): number {
  if (platform.os === 'unknown' && platform.architecture === 'unknown') {
    return -1;
  }
  for (let place = 0; place < wishList.length; place++) {
    const wish = wishList[place]!;
    if (
      wish.architecture === platform.architecture &&
      wish.os === platform.os &&
      (wish.variant === platform.variant || (anyVariant && wish.variant === ''))
    ) {
      return place;
    }
  }
  return -1;
}

/** From the wanted variant down, then none; if no variant is wanted: none, then the base one. */
function containersWishes(wanted: Wish): Wish[] {
  const known = containersVariants.get(wanted.architecture) ?? [];
  const from = known.indexOf(wanted.variant);
  let variants: string[];
  if (wanted.variant !== '') {
    variants = [...(from < 0 ? [wanted.variant] : known.slice(from)), ''];
  } else {
    const base = containersBaseVariant.get(wanted.architecture);
    variants = base === undefined ? [''] : ['', base];
  }
  return variants.map((variant) => ({ ...wanted, variant }));
}

/** Other spellings of an architecture; a variant given here replaces the entry's own. */
const containerdArchitectures: ReadonlyMap<string, { name: string; variant?: string }> = new Map([
  ['i386', { name: '386', variant: '' }],
  ['x86_64', { name: 'amd64' }],
  ['x86-64', { name: 'amd64' }],
  ['aarch64', { name: 'arm64' }],
  ['armhf', { name: 'arm', variant: 'v7' }],
  ['armel', { name: 'arm', variant: 'v6' }],
]);

/** Variants that containerd takes for another one, by `architecture/variant`. */
const containerdVariants: ReadonlyMap<string, string> = new Map([
  ['amd64/v1', ''],
  ['arm64/8', ''],
  ['arm64/v8', ''],
  ['arm/', 'v7'],
  ['arm/5', 'v5'],
  ['arm/6', 'v6'],
  ['arm/7', 'v7'],
  ['arm/8', 'v8'],
]);

function normalizeContainerd(platform: Wish): Wish {
  const os = platform.os.toLowerCase();
  const spelling = containerdArchitectures.get(platform.architecture.toLowerCase());
  const architecture = spelling?.name ?? platform.architecture.toLowerCase();
  const written = spelling?.variant ?? platform.variant.toLowerCase();
  const variant = containerdVariants.get(`${architecture}/${written}`) ?? written;
  return { os: os === 'macos' ? 'darwin' : os, architecture, variant };
}

/** Versions of a CPU family come in single digits; more are taken as unknown. */
const cpuVersion = /^v?([0-9])(?:\.([0-9]))?$/;

/** What an amd64, arm64 or arm machine can run too, in containerd's order of preference. */
function containerdWishes(wanted: Wish): Wish[] {
  const first = normalizeContainerd(wanted);
  const { os, architecture, variant } = first;
  const wish = (arch: string, version: string): Wish =>
    normalizeContainerd({ os, architecture: arch, variant: version });
  const [, major = '', minor = ''] = cpuVersion.exec(variant) ?? [];
  switch (architecture) {
    case 'amd64':
      return [
        first,
        ...versionsDown(Number(major) - 1, 1).map((version) => wish('amd64', `v${version}`)),
        wish('386', ''),
      ];
    case 'arm':
      return [
        first,
        ...versionsDown(Number(major) - 1, 5).map((version) => wish('arm', `v${version}`)),
      ];
    case 'arm64':
      return [
        first,
        ...arm64VersionsBelow(Number(major || 8), Number(minor)).map((v) => wish('arm64', v)),
        ...versionsDown(8, 5).map((version) => wish('arm', `v${version}`)),
      ];
    default:
      return [first];
  }
}

/** containerd's, without images of other architectures that the machine could run. */
function regclientWishes(wanted: Wish): Wish[] {
  const wishes = containerdWishes(wanted);
  const architecture = wishes[0]?.architecture;
  return wishes.filter((wish) => wish.architecture === architecture);
}

/** v9.x runs v9.(x-1) … v9 and v8.(x+5) … v8; v8.x runs v8.(x-1) … v8. */
function arm64VersionsBelow(major: number, minor: number): string[] {
  const below9 = major === 9 ? versionsDown(minor - 1, 0).map((x) => `v9.${x}`) : [];
  const highest8 = major === 9 ? minor + 5 : minor - 1;
  const below8 = versionsDown(highest8, 0).map((x) => `v8.${x}`);
  return [...below9, ...below8].map((version) => version.replace(/\.0$/, ''));
}

/** high, high - 1 … low; empty when high is below low. */
function versionsDown(high: number, low: number): number[] {
  const versions: number[] = [];
  for (let version = high; version >= low; version--) {
    versions.push(version);
  }
  return versions;
}
