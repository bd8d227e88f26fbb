// How containerd's versions differ in what they read, by client profile.

export interface ContainerdRules {
  /**
   * Plugins in whose `registry` table CRI's settings are, by the version that config.toml names in its first lines;
   * of several the first wins, key by key. Absent: that version is refused.
   */
  readonly plugins: Readonly<Record<number, readonly string[]>>;
  /**
   * config.toml and what it imports are one file before anything is read: the last version that is written is that of
   * all, the last table of a plugin stands in place of those before it, and what has a short name is no plugin.
   */
  readonly joinsFiles: boolean;
  /** `config_path` where none is written and no mirrors either. */
  readonly configPath: string;
  /**
   * Images are pulled by the transfer service, which takes a list of folders for the name of one, unless a setting
   * that it does not know has CRI pull by itself (containerd/containerd#12808).
   */
  readonly transfers: boolean;
  /** `registry.configs` may have TLS settings. */
  readonly configsTls: boolean;
  /** A hosts.toml without `host` is broken, each host is asked once, and nobody knows `dial_timeout`. */
  readonly oldHostsToml: boolean;
  /** Where HTTP is meant and something of TLS is said, HTTPS is tried first. */
  readonly httpsFirst: boolean;
}

const long = 'io.containerd.grpc.v1.cri';
const images = 'io.containerd.cri.v1.images';

const containerd24: ContainerdRules = {
  plugins: {
    1: ['cri', long, images],
    2: [long, images],
    3: [images],
    4: [images],
  },
  joinsFiles: false,
  configPath: '/etc/containerd/certs.d:/etc/docker/certs.d',
  transfers: true,
  configsTls: false,
  oldHostsToml: false,
  httpsFirst: true,
};

const containerd16: ContainerdRules = {
  // Any later version is taken for the second.
  plugins: { 1: ['cri'], 2: [long], 3: [long], 4: [long] },
  joinsFiles: true,
  configPath: '',
  transfers: false,
  configsTls: true,
  oldHostsToml: true,
  httpsFirst: false,
};

/** Profiles whose pulls are made by containerd, as CRI has it pull. */
export const containerdRules: Readonly<Record<string, ContainerdRules>> = {
  containerd: containerd24,
  'containerd@1.6': containerd16,
  'containerd-parallel': containerd24,
  'kubelet-containerd': containerd24,
  lazy: containerd24,
  'soci-snapshotter': containerd24,
  'soci-parallel': containerd24,
};

/** All plugins that ever had the table. */
export const everyPlugin: readonly string[] = ['cri', long, images];
