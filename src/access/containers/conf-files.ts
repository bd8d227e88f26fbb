// Which files make up registries.conf on a host, in the order in which they are read, and what stands in them:
// newConfigWrapper of older libraries, pkg/configfile of containers/storage in newer ones.
import { posix } from 'node:path';
import type { HostView } from '../host-view.ts';
import type { Looked, Written } from '../route.ts';
import { dropInsOf, firstOfEachName, layeredFolders, readConf } from './drop-ins.ts';
import type { ContainersRules } from './rules.ts';

export interface ConfFile {
  readonly path: string;
  readonly isDropIn: boolean;
  /** Who named it and wants it there; undefined for a file that may be absent. */
  readonly wantedBy?: Written;
}

export interface FilePlan {
  /** The first that is there is read, the others are passed over. */
  readonly main: readonly ConfFile[];
  /** From the one that wins over all others to the one that all others win over. */
  readonly dropInFolders: readonly string[];
  /** A drop-in hides those of the same name; else all are read, folder by folder, the winner last. */
  readonly hidesByName: boolean;
  /** Read after everything. */
  readonly last?: ConfFile;
}

const etc = '/etc/containers';
const share = '/usr/share/containers';

/** Below which folder the user has configuration. */
export function userFolder(host: HostView, rules: ContainersRules): string {
  const { XDG_CONFIG_HOME } = host.variables;
  const isXdg = rules.files === 'layered' && XDG_CONFIG_HOME !== undefined;
  return posix.join(isXdg ? XDG_CONFIG_HOME : posix.join(host.home, '.config'), 'containers');
}

export function planFiles(host: HostView, rules: ContainersRules): FilePlan {
  return rules.files === 'layered' ? layeredFiles(host, rules) : systemOrUserFiles(host, rules);
}

function layeredFiles(host: HostView, rules: ContainersRules): FilePlan {
  const named = namedFile(host, rules);
  const folders = [userFolder(host, rules), etc, share];
  const main = folders.map((folder) => file(posix.join(folder, 'registries.conf')));
  const override = host.variables.CONTAINERS_REGISTRIES_CONF_OVERRIDE ?? '';
  const wantedBy = { in: '$CONTAINERS_REGISTRIES_CONF_OVERRIDE', line: 0 };
  return {
    main: named === undefined ? main : [named],
    dropInFolders:
      named === undefined ? layeredFolders(folders, 'registries', '.conf.d', host.uid) : [],
    hidesByName: true,
    ...(override === '' ? {} : { last: { path: override, isDropIn: false, wantedBy } }),
  };
}

function systemOrUserFiles(host: HostView, rules: ContainersRules): FilePlan {
  const named = namedFile(host, rules);
  const [user, system] = [userFolder(host, rules), etc].map((folder) =>
    posix.join(folder, 'registries.conf'),
  ) as [string, string];
  return {
    main: named === undefined ? [file(user), file(system)] : [named],
    dropInFolders: [`${user}.d`, `${system}.d`],
    hidesByName: false,
  };
}

function file(path: string): ConfFile {
  return { path, isDropIn: false };
}

function namedFile({ variables }: HostView, rules: ContainersRules): ConfFile | undefined {
  const isSet = (name: string) =>
    // The older ones take an empty name for the absence of one, once they have stopped looking.
    rules.files === 'layered' ? (variables[name] ?? '') !== '' : variables[name] !== undefined;
  const name = rules.fileVariables.find(isSet);
  const path = name === undefined ? '' : (variables[name] ?? '');
  if (path === '') return undefined;
  return { path, isDropIn: false, wantedBy: { in: `$${name}`, line: 0 } };
}

export interface FoundFile {
  readonly file: ConfFile;
  readonly text: string;
}

/** @throws ConfFault for a file that is there or has to be, and cannot be read; `looked` gets all that were tried */
export async function readFiles(
  host: HostView,
  plan: FilePlan,
  looked: Looked[],
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  let userFileCounts = false;
  for (const [at, main] of plan.main.entries()) {
    if (found.length > 0) looked.push({ path: main.path, state: 'passed over' });
    else found.push(...(await readOne(host, main, looked)));
    if (found.length > 0 && at === 0 && main.wantedBy === undefined) userFileCounts = true;
  }
  for (const path of await dropIns(host, plan, userFileCounts, looked)) {
    found.push(...(await readOne(host, { path, isDropIn: true }, looked)));
  }
  if (plan.last !== undefined) found.push(...(await readOne(host, plan.last, looked)));
  return found;
}

async function readOne(host: HostView, file: ConfFile, looked: Looked[]): Promise<FoundFile[]> {
  const text = await readConf(host, file.path, looked, file.wantedBy);
  return text === undefined ? [] : [{ file, text }];
}

/** Paths in the order in which they are read. @throws ConfFault for a folder that cannot be listed */
async function dropIns(
  host: HostView,
  { dropInFolders, hidesByName }: FilePlan,
  userFileCounts: boolean,
  looked: Looked[],
): Promise<string[]> {
  const layers: string[][] = [];
  for (const folder of dropInFolders) {
    const isHidden = !hidesByName && userFileCounts && folder.startsWith(etc);
    if (isHidden) looked.push({ path: folder, state: 'passed over' });
    else layers.push(await dropInsOf(host, folder, '.conf', looked, !hidesByName));
  }
  if (!hidesByName) return layers.reverse().flat();
  return firstOfEachName(layers, looked);
}
