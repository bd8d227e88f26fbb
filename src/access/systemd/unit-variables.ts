// The variables that systemd gives to a service of the host: its unit, drop-ins and files, those of the manager first.
import { readdir } from 'node:fs/promises';
import { readConfigText } from '../config-file.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { Looked, Written } from '../route.ts';
import { readEnvironmentFile, readUnit, readVariable, readWords } from './unit-text.ts';

/** A value, and where it is written. */
export interface PlacedVariable {
  readonly value: string;
  readonly written: Written;
}

export type PlacedVariables = ReadonlyMap<string, PlacedVariable>;

export interface UnitVariables {
  readonly variables: PlacedVariables;
  /** What ExecStart= says. */
  readonly commands: readonly PlacedVariable[];
  /** Files that are there, in the order in which they count. */
  readonly files: readonly Looked[];
}

/** Where things are, the first counts; so it is for drop-ins of the same name. `~` and `$NAME` are of the user. */
interface Layers {
  readonly units: readonly string[];
  readonly managers: readonly string[];
  /** The manager's own file. */
  readonly name: string;
}

const ofSystem: Layers = {
  units: [
    '/etc/systemd/system',
    '/run/systemd/system',
    '/usr/local/lib/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
  ],
  managers: ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'],
  name: 'system.conf',
};

/** systemd.unit(5), of user units. */
const ofUser: Layers = {
  units: [
    '$XDG_CONFIG_HOME/systemd/user',
    '/etc/systemd/user',
    '$XDG_RUNTIME_DIR/systemd/user',
    '/run/systemd/user',
    '~/.local/share/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
  ],
  managers: ['$XDG_CONFIG_HOME/systemd', ...ofSystem.managers],
  name: 'user.conf',
};

const filesMax = 200;

/** `unit`: such as `docker.service`; `isUsers`: of this user's own manager, not of the system's. */
export async function unitVariables(
  host: HostView,
  unit: string,
  isUsers = false,
): Promise<UnitVariables> {
  const reader = new Reader(host);
  const { units, managers, name } = isUsers ? ofUser : ofSystem;
  await reader.read(await inLayers(host, filledIn(managers, host), name, [`${name}.d`]));
  await reader.read(await inLayers(host, filledIn(units, host), unit, ['service.d', `${unit}.d`]));
  await reader.readFiles();
  const { variables, commands, files } = reader;
  return { variables, commands, files };
}

function filledIn(folders: readonly string[], { home, uid, variables }: HostView): string[] {
  const config = variables.XDG_CONFIG_HOME || `${home}/.config`;
  const runtime = variables.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  return folders.map((folder) =>
    folder
      .replace('$XDG_CONFIG_HOME', () => config)
      .replace('$XDG_RUNTIME_DIR', () => runtime)
      .replace('~', () => home),
  );
}

/** The first file of this name, then `*.conf` of the folders beside it, each name once, in the order of names. */
async function inLayers(
  host: HostView,
  folders: readonly string[],
  name: string,
  dropIns: readonly string[],
): Promise<string[]> {
  const main: string[] = [];
  const more = new Map<string, string>();
  for (const folder of folders) {
    const names = await namesIn(host, folder);
    if (main.length === 0 && names.includes(name)) main.push(`${folder}/${name}`);
    for (const dropIn of dropIns) {
      if (!names.includes(dropIn)) continue;
      for (const file of await namesIn(host, `${folder}/${dropIn}`)) {
        if (file.endsWith('.conf') && !more.has(file))
          more.set(file, `${folder}/${dropIn}/${file}`);
      }
    }
  }
  const sorted = [...more].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return [...main, ...sorted].slice(0, filesMax);
}

async function namesIn(host: HostView, folder: string): Promise<string[]> {
  return await readdir(pathOn(host, folder)).catch(() => []);
}

class Reader {
  readonly variables = new Map<string, PlacedVariable>();
  readonly files: Looked[] = [];
  commands: PlacedVariable[] = [];
  readonly #host: HostView;
  #environmentFiles: string[] = [];
  #unset: string[] = [];

  constructor(host: HostView) {
    this.#host = host;
  }

  async read(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const text = await this.#text(path);
      for (const { section, key, value, line } of readUnit(text)) {
        const isOurs = section === 'Service' || section === 'Manager';
        if (isOurs) this.#take(key, value, { in: path, line });
      }
    }
  }

  /** Those of EnvironmentFile= win over those of Environment=; what is unset is so after all. */
  async readFiles(): Promise<void> {
    for (const path of this.#environmentFiles) {
      const text = await this.#text(path);
      for (const { name, value, line } of readEnvironmentFile(text)) {
        this.variables.set(name, { value, written: { in: path, line } });
      }
    }
    for (const name of this.#unset) this.variables.delete(name);
  }

  #take(key: string, value: string, written: Written): void {
    if (key === 'EnvironmentFile') {
      if (value === '') this.#environmentFiles = [];
      else this.#environmentFiles.push(value.replace(/^-/, ''));
    } else if (key === 'ExecStart') {
      this.commands = value === '' ? [] : [...this.commands, { value, written }];
    } else if (key === 'UnsetEnvironment') {
      this.#unset = value === '' ? [] : [...this.#unset, ...readWords(value)];
    } else if (key === 'Environment' || key === 'DefaultEnvironment') {
      if (value === '') this.variables.clear();
      for (const word of readWords(value)) {
        const [name, meant] = readVariable(word.replaceAll('%%', '%')) ?? [];
        if (name !== undefined && meant !== undefined) {
          this.variables.set(name, { value: meant, written });
        }
      }
    }
  }

  async #text(path: string): Promise<string> {
    const read = await readConfigText(this.#host, path);
    if (read.state === 'absent') return '';
    this.files.push({ path, state: read.state === 'read' ? 'no match' : 'unreadable' });
    return read.state === 'read' ? read.text : '';
  }
}
