// How each client looks for credentials: which files in which order, which keys, which helpers, and where it gives
// up. Each value from the client's source; docs/client-facts.md names file and version.

/** A file that may hold credentials. `$NAME` and `~` as the client fills them in; a variable that is unset skips it. */
export interface Place {
  readonly path: string;
  /**
   * `dockercfg`: keys at the top; `regctl`: hosts with user and password; `text`: the variable itself is Docker's
   * config.json, its keys count as they are written. Default: a file like that.
   */
  readonly form?: 'dockercfg' | 'regctl' | 'text';
  /** It may have nothing but `auths`, each with an `auth` alone; else nothing of it counts (docker/cli). */
  readonly authsAlone?: true;
  /** A chosen file takes its place. */
  readonly isFirst?: true;
  /** Where this file is there, the place counts as an empty file even if it has none. */
  readonly emptyIf?: string;
  /** Only where another place has a file. */
  readonly needsFile?: true;
  /** Only where the variable is not set. */
  readonly lacks?: string;
  /** Only on, or never on, Linux. */
  readonly linux?: boolean;
}

export interface LookupRules {
  readonly clients: readonly string[];
  /** A variable that names the one file to read. */
  readonly chosenBy: readonly { readonly variable: string; readonly file?: string }[];
  /** A chosen file, `--authfile` too, is the only one; else it is read before those of the user. */
  readonly chosenAlone: boolean;
  /** That file has to be there, wherever it was named. */
  readonly chosenExists: boolean;
  readonly places: readonly Place[];
  /** Goes on to the next place where one has nothing; else the first that exists is the only one. */
  readonly goesOn: boolean;
  /** How keys are compared (keys.ts). */
  readonly keys: 'containers' | 'docker' | 'crane' | 'regclient' | 'oras' | 'kubelet';
  /** Takes names of tables as they are written, unlike other readers in Go. */
  readonly exactNames?: true;
  /** Reads `credHelpers`; and `credsStore`. */
  readonly helpers: boolean;
  readonly store: boolean;
  /** Entries of the file count where a helper fails; and, `always`, where it has nothing. */
  readonly pastHelper?: 'broken' | 'always';
  /** Of an entry: `username` and `password` where it has no `auth`. */
  readonly plainPassword: boolean;
  readonly identityToken: boolean;
  /** An `auth` that cannot be used: the client ends, makes nothing of the file, or of the entry. */
  readonly badAuth: 'ends' | 'file' | 'entry';
  /** The `auth` has no colon: `ends` as for any that cannot be used, or the entry counts as empty. */
  readonly noColon: 'as bad' | 'empty';
  /** The client ends at a file that it cannot read or parse; at a helper that fails. */
  readonly endsAtFile: boolean;
  readonly endsAtHelper: boolean;
  /** Files of another user: whose daemon it is that looks, where it is not the user who asks. */
  readonly as?: 'root';
  /** Secrets of pods count. */
  readonly pullSecrets?: true;
  /**
   * What another host than that of the image's name is shown. Default: what is kept under the name that it has there,
   * and nothing that flags say.
   */
  readonly elsewhere?: 'as the registry' | 'nothing' | 'as by cri-o';
}

/** Where `podman login` writes. */
export const runtime: readonly Place[] = [
  { path: '$XDG_RUNTIME_DIR/containers/auth.json', linux: true, isFirst: true },
  { path: '/run/containers/$UID/auth.json', linux: true, lacks: 'XDG_RUNTIME_DIR', isFirst: true },
  { path: '~/.config/containers/auth.json', linux: false, isFirst: true },
];
export const xdg: readonly Place[] = [
  { path: '$XDG_CONFIG_HOME/containers/auth.json' },
  { path: '~/.config/containers/auth.json', lacks: 'XDG_CONFIG_HOME' },
];
export const dockerConfig: readonly Place[] = [
  { path: '$DOCKER_CONFIG/config.json' },
  { path: '~/.docker/config.json', lacks: 'DOCKER_CONFIG' },
];
const freeVariable: Place = { path: '$DOCKER_AUTH_CONFIG', form: 'text' };
const variable: Place = { ...freeVariable, authsAlone: true };
const dockercfg: Place = { path: '~/.dockercfg', form: 'dockercfg' };

/** containers/image, pkg/docker/config. */
const containers = {
  chosenAlone: true,
  chosenExists: false,
  places: [...runtime, ...xdg, ...dockerConfig, dockercfg],
  goesOn: true,
  keys: 'containers',
  helpers: true,
  store: false,
  plainPassword: false,
  identityToken: true,
  badAuth: 'ends',
  noColon: 'empty',
  endsAtFile: true,
  endsAtHelper: true,
} as const;

/** docker/cli, cli/config. */
const docker = {
  chosenBy: [],
  chosenAlone: true,
  chosenExists: false,
  places: dockerConfig,
  goesOn: false,
  keys: 'docker',
  helpers: true,
  store: true,
  plainPassword: true,
  identityToken: true,
  badAuth: 'file',
  noColon: 'as bad',
  endsAtFile: false,
  endsAtHelper: true,
} as const;

/** kubernetes, pkg/credentialprovider. */
const kubelet = {
  chosenBy: [],
  chosenAlone: true,
  chosenExists: false,
  places: [
    { path: '/var/lib/kubelet/config.json' },
    { path: '/config.json' },
    { path: '~/.docker/config.json' },
    { path: '/.docker/config.json' },
    { path: '/var/lib/kubelet/.dockercfg', form: 'dockercfg' },
    { path: '~/.dockercfg', form: 'dockercfg' },
    { path: '/.dockercfg', form: 'dockercfg' },
  ],
  goesOn: false,
  keys: 'kubelet',
  helpers: false,
  store: false,
  plainPassword: true,
  identityToken: false,
  badAuth: 'file',
  noColon: 'as bad',
  endsAtFile: false,
  endsAtHelper: false,
  as: 'root',
  pullSecrets: true,
} as const;

const registryAuthFile = { variable: 'REGISTRY_AUTH_FILE' };
/** containers/common, pkg/auth: a chosen DOCKER_CONFIG stands in for all other files. */
const podmanChoice = [registryAuthFile, { variable: 'DOCKER_CONFIG', file: 'config.json' }];

export const lookupRules: readonly LookupRules[] = [
  { ...containers, clients: ['podman', 'podman@5'], chosenBy: podmanChoice },
  {
    ...containers,
    clients: ['podman@4.3'],
    chosenBy: podmanChoice,
    chosenAlone: false,
    chosenExists: true,
  },
  { ...containers, clients: ['skopeo'], chosenBy: [registryAuthFile] },
  { ...containers, clients: ['skopeo@1.9'], chosenBy: [registryAuthFile], chosenAlone: false },
  { ...containers, clients: ['cri-o'], chosenBy: [], as: 'root' },
  // The login that `docker` looked up by the image's name goes to mirrors too.
  {
    ...docker,
    clients: ['docker'],
    places: [variable, ...dockerConfig],
    elsewhere: 'as the registry',
  },
  // It goes to the registry alone.
  {
    ...docker,
    clients: ['docker-containerd'],
    places: [variable, ...dockerConfig],
    elsewhere: 'nothing',
  },
  {
    ...docker,
    clients: ['docker@20.10'],
    elsewhere: 'as the registry',
    places: [...dockerConfig, dockercfg],
    endsAtHelper: false,
    pastHelper: 'broken',
  },
  {
    ...docker,
    clients: ['lazy', 'soci-snapshotter', 'soci-parallel'],
    as: 'root',
    endsAtHelper: true,
  },
  {
    ...docker,
    clients: ['crane'],
    places: [
      { ...variable, needsFile: true },
      { path: '$DOCKER_CONFIG/config.json', emptyIf: '~/.docker/config.json' },
      { path: '~/.docker/config.json', lacks: 'DOCKER_CONFIG' },
      { path: '$REGISTRY_AUTH_FILE' },
      { path: '$XDG_RUNTIME_DIR/containers/auth.json' },
      ...xdg,
    ],
    keys: 'crane',
    endsAtFile: true,
  },
  {
    ...docker,
    clients: ['regclient'],
    places: [
      { path: '$REGCTL_CONFIG', form: 'regctl' },
      { path: '~/.regctl/config.json', form: 'regctl', lacks: 'REGCTL_CONFIG' },
      freeVariable,
      ...dockerConfig,
    ],
    goesOn: true,
    keys: 'regclient',
    pastHelper: 'always',
    badAuth: 'entry',
    endsAtHelper: false,
  },
  {
    ...docker,
    clients: ['oras'],
    keys: 'oras',
    exactNames: true,
    badAuth: 'ends',
    endsAtFile: true,
  },
  // kubelet looks up the image's name alone; containerd's CRI shows what it is handed to every host.
  { ...kubelet, clients: ['kubelet-containerd'], elsewhere: 'as the registry' },
  // What CRI-O is handed is for the image's own host; for others it looks itself.
  { ...kubelet, clients: ['kubelet-cri-o'], elsewhere: 'as by cri-o' },
  // Its CRI gets them from kubelet, `ctr` by a flag alone.
  {
    ...kubelet,
    clients: ['containerd', 'containerd@1.6', 'containerd-parallel'],
    places: [],
    elsewhere: 'as the registry',
  },
  // The keychain of macOS, which no file tells of.
  { ...docker, clients: ['apple-container'], places: [] },
];

/** Of a client profile; of one that is not known, as podman does. */
export function lookupRulesOf(client: string): LookupRules {
  const rules = lookupRules.find(({ clients }) => clients.includes(client)) ?? lookupRules[0];
  return rules as LookupRules;
}
