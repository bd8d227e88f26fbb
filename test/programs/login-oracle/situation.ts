// A home with files of logins, and an environment: on disk for a program, and as our lookup sees it.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostView } from '../../../src/access/host-view.ts';
import { scratch } from '../../lib/cli.ts';
import { authOf } from '../../lib/host-folder.ts';
import { runTool } from '../../lib/tools.ts';
import { startAskingRegistry } from './registry.ts';

/** `HOST` in keys stands for the registry, `~` in paths and variables for the home. */
export interface Situation {
  readonly files: Readonly<Record<string, AuthFile | string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** `credential-helpers` of registries.conf. */
  readonly helpers?: readonly string[];
}

export interface AuthFile {
  readonly auths?: Readonly<Record<string, Entry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** A user; or an entry as it is. */
export type Entry = string | Readonly<Record<string, string>>;

export interface Program {
  readonly tool: string;
  readonly client: string;
  words(image: string, folder: string): string[];
  /** It knows of none of these. */
  readonly without?: readonly string[];
}

export const programs = {
  skopeo: {
    tool: 'skopeo',
    client: 'skopeo@1.9',
    words: (image) => ['inspect', '--tls-verify=false', `docker://${image}`],
  },
  podman: {
    tool: 'podman',
    client: 'podman@4.3',
    words: (image, folder) => [
      ...['--root', join(folder, 'root'), '--runroot', join(folder, 'run')],
      ...['--storage-driver', 'vfs', '--events-backend', 'none'],
      ...['pull', '--quiet', '--tls-verify=false', image],
    ],
  },
  newest: {
    tool: 'ask-containers',
    client: 'skopeo',
    words: (image) => [image],
    // That is the program's, not the library's.
    without: ['REGISTRY_AUTH_FILE'],
  },
  docker: {
    tool: 'docker',
    client: 'docker@20.10',
    words: (image) => ['--host', `tcp://${image.split('/')[0]}`, 'pull', image],
  },
  crane: {
    tool: 'crane',
    client: 'crane',
    words: (image) => ['manifest', '--insecure', image],
  },
  regctl: {
    tool: 'regctl',
    client: 'regclient',
    words: (image) => [
      ...['--host', `reg=${image.split('/')[0]},tls=disabled`],
      ...['manifest', 'get', image],
    ],
  },
  oras: {
    tool: 'oras',
    client: 'oras',
    words: (image) => ['manifest', 'fetch', '--plain-http', image],
  },
} satisfies Readonly<Record<string, Program>>;

const names = [
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'DOCKER_CONFIG',
  'DOCKER_AUTH_CONFIG',
  'REGISTRY_AUTH_FILE',
  'REGCTL_CONFIG',
];

/** Credential helpers by name: what each says for any server. */
const helpers: Readonly<Record<string, string>> = {
  good: `echo '{"ServerURL":"x","Username":"helped","Secret":"by-good"}'`,
  token: `echo '{"ServerURL":"x","Username":"<token>","Secret":"by-token"}'`,
  none: 'echo "credentials not found in native keychain"; exit 1',
  broken: 'echo "no keyring here"; exit 1',
};

export interface Comparison {
  /** Who the program was to the registry first; '' where it did not ask. */
  readonly shown: string;
  readonly code: number;
  readonly output: string;
  readonly view: HostView;
  readonly registry: string;
}

/** Runs the program where things are so; `look` looks, with our eyes, while they are. */
export async function inSituation(
  program: Program,
  situation: Situation,
  look: (seen: Comparison) => Promise<void>,
): Promise<void> {
  const home = scratch();
  const registry = await startAskingRegistry();
  try {
    const variables = lay(home, registry.host, situation, program.without ?? []);
    const image = `${registry.host}/team/app:v1`;
    const { code, output } = await runTool(program.tool, program.words(image, home), variables);
    const view: HostView = {
      root: '',
      variables,
      home,
      uid: process.getuid?.() ?? 0,
      user: 'u',
      platform: 'linux',
      isTerminal: false,
    };
    const shown = registry.shown[0] ?? '';
    await look({ shown, code, output, view, registry: registry.host });
  } finally {
    await registry.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Writes everything, and returns the environment. */
function lay(
  home: string,
  registry: string,
  { files, variables = {}, helpers: asked }: Situation,
  without: readonly string[],
): Record<string, string> {
  const filled = (text: string) => text.replaceAll('HOST', registry).replaceAll('~', home);
  for (const [path, file] of Object.entries(files)) {
    const text = typeof file === 'string' ? filled(file) : textOf(file, registry, path);
    write(filled(path), text, 0o600);
  }
  for (const [name, line] of Object.entries(helpers)) {
    const list = `[ "$1" = list ] && echo '{"${registry}":"helped"}' && exit`;
    const script = `#!/bin/sh\n${list}\n${line}\n`;
    write(join(home, 'bin', `docker-credential-${name}`), script, 0o755);
  }
  write(join(home, 'bin', 'docker-credential-locked'), 'no program', 0o600);
  const line = asked === undefined ? '' : `credential-helpers = ${JSON.stringify(asked)}\n`;
  const conf = join(home, 'registries.conf');
  write(conf, `${line}[[registry]]\nlocation = "${registry}"\ninsecure = true\n`, 0o644);
  const own = Object.fromEntries(names.map((name) => [name, filled(variables[name] ?? '')]));
  for (const name of without) own[name] = '';
  mkdirSync(join(home, 'runtime'), { recursive: true });
  return {
    ...own,
    XDG_RUNTIME_DIR: own.XDG_RUNTIME_DIR || join(home, 'runtime'),
    CONTAINERS_REGISTRIES_CONF: conf,
    HOME: home,
    PATH: `${join(home, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
    TMPDIR: home,
  };
}

function write(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

function textOf({ auths = {}, ...rest }: AuthFile, registry: string, path: string): string {
  const keyed = <T>(table: Readonly<Record<string, T>>) =>
    Object.entries(table).map(([key, value]) => [key.replaceAll('HOST', registry), value] as const);
  const entries = keyed(auths).map(([key, entry]) => [
    key,
    typeof entry === 'string' ? authOf(entry, 'secret') : entry,
  ]);
  const all = Object.fromEntries(entries);
  if (path.endsWith('.dockercfg')) return JSON.stringify(all);
  const { credHelpers } = rest;
  const helped = credHelpers && { credHelpers: Object.fromEntries(keyed(credHelpers)) };
  return JSON.stringify({ auths: all, ...rest, ...helped }, undefined, 1);
}
