// How each program of containers/image finds and reads its configuration: rules of the library by version, and
// what the programs add. Read in pkg/sysregistriesv2 and pkg/shortnames of the library, libimage of containers/common.

/** What goes with the version of the library. */
interface LibraryRules {
  /**
   * `user or system`: a file of the user stands for all of /etc. `layered`: user, /etc and /usr/share, a drop-in
   * of the same name hiding those below it; rootful.d and rootless.d too.
   */
  readonly files: 'user or system' | 'layered';
  /** Version 1 of registries.conf; `if not empty`: lists without entries count for nothing. */
  readonly version1: 'refused' | 'read' | 'if not empty';
  /** Slashes at the end of a mirror's location. */
  readonly mirrorSlashes: 'kept' | 'trimmed';
  readonly namespaceProxy: boolean;
  /** The parser knows TOML 1.1; takes a byte order mark. */
  readonly toml11: boolean;
  readonly byteOrderMark: boolean;
}

/** What the programs add. */
interface ProgramRules {
  /** Variables that name registries.conf; the first that is set. */
  readonly fileVariables: readonly string[];
  /** Short names are looked up; else they are docker.io's. */
  readonly shortNames: boolean;
  /** crio.conf says which mode, whatever registries.conf says. */
  readonly crioConf: boolean;
  /** Whose files and variables count: those of who calls it, or those of a daemon. */
  readonly as: 'user' | 'daemon';
  /** What becomes of a tag beside a digest. */
  readonly tagBesideDigest: 'dropped' | 'refused';
}

export type ShortNameMode = 'enforcing' | 'permissive' | 'disabled';
export type ContainersRules = LibraryRules & ProgramRules;

const version523: LibraryRules = {
  files: 'user or system',
  version1: 'if not empty',
  mirrorSlashes: 'kept',
  namespaceProxy: false,
  toml11: false,
  byteOrderMark: false,
};

const version536: LibraryRules = {
  ...version523,
  version1: 'read',
  mirrorSlashes: 'trimmed',
  byteOrderMark: true,
};

const version542: LibraryRules = {
  files: 'layered',
  version1: 'refused',
  mirrorSlashes: 'trimmed',
  namespaceProxy: true,
  toml11: true,
  byteOrderMark: true,
};

const libimage: ProgramRules = {
  fileVariables: ['CONTAINERS_REGISTRIES_CONF', 'REGISTRIES_CONFIG_PATH'],
  shortNames: true,
  crioConf: false,
  as: 'user',
  tagBesideDigest: 'dropped',
};
/** The library reads it, in no program's place. */
const ofLibrary = { fileVariables: ['CONTAINERS_REGISTRIES_CONF'] };

const skopeo: ProgramRules = {
  fileVariables: [],
  shortNames: false,
  crioConf: false,
  as: 'user',
  tagBesideDigest: 'refused',
};

/** 1.33 and newer: internal/storage/image.go and pkg/config of cri-o/cri-o. */
const crio: ContainersRules = {
  ...version542,
  ...libimage,
  ...ofLibrary,
  crioConf: true,
  as: 'daemon',
};

/** By the name of the profile. */
const byClient: Readonly<Record<string, ContainersRules>> = {
  podman: { ...version542, ...libimage, ...ofLibrary },
  'podman@5': { ...version536, ...libimage },
  'podman@4.3': { ...version523, ...libimage },
  skopeo: { ...version542, ...skopeo, ...ofLibrary },
  'skopeo@1.9': { ...version523, ...skopeo },
  'cri-o': crio,
  'kubelet-cri-o': crio,
};

/** Undefined for a client that is not of this library. */
export function containersRules(client: string): ContainersRules | undefined {
  return Object.hasOwn(byClient, client) ? byClient[client] : undefined;
}

export const clientsOfContainers: readonly string[] = Object.keys(byClient);
