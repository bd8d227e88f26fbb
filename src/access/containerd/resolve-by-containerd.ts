// The route of an image as containerd's CRI takes it: hosts.toml, certificate files, or the older tables in config.toml.

import { stat } from 'node:fs/promises';
import { type AskedImage, candidateOf } from '../as-written.ts';
import { readConfigText } from '../config-file.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { ConfigProblem, Looked, PlainEndpoint, PlainRoute, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import { withConfigAuth } from './config-auth.ts';
import { unreadable } from './config-files.ts';
import { type CriRegistry, readCriRegistry } from './config-toml.ts';
import { endpointOf, endsOf, type PlacedHost } from './endpoint.ts';
import { hostFolders } from './folders.ts';
import { type HostEntry, readHostsFile } from './hosts-toml.ts';
import { oldEndpoints } from './old-tables.ts';
import { certificatesIn, noTlsFiles } from './tls.ts';
import { type ContainerdRules, containerdRules } from './versions.ts';

/** `client`: a profile of `containerdRules`. */
export async function resolveByContainerd(
  image: AskedImage,
  client: string,
  host: HostView,
): Promise<PlainRoute> {
  const rules = containerdRules[client];
  if (rules === undefined) throw new Error(`${client} is no containerd`);
  const cri = await readCriRegistry(host, rules);
  const found =
    cri.roots.length > 0
      ? await byFolders(image, host, cri.isListDead ? [] : cri.roots, rules)
      : { endpoints: await oldEndpoints(image, host, cri, rules), files: [], problems: [] };
  const dead = cri.isListDead ? await listProblem(image, host, cri) : [];
  const endpoints = found.endpoints.map((endpoint) => ({
    ...withConfigAuth(endpoint, cri),
    headers: [...cri.headers, ...endpoint.headers],
  }));
  return routeOf(image, client, {
    endpoints,
    files: [...cri.files, ...found.files],
    problems: [...cri.problems, ...dead, ...found.problems, ...endsOf(endpoints)],
  });
}

interface FoundEndpoints {
  readonly endpoints: readonly PlainEndpoint[];
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

function routeOf(image: AskedImage, client: string, found: FoundEndpoints): PlainRoute {
  const { text } = image;
  return {
    client,
    text,
    candidates: [candidateOf(image, found.endpoints)],
    files: found.files,
    problems: found.problems,
  };
}

/** The hosts that the first folder of the registry names. */
export async function byFolders(
  image: AskedImage,
  host: HostView,
  roots: readonly string[],
  rules: Pick<ContainerdRules, 'httpsFirst' | 'oldHostsToml'>,
): Promise<FoundEndpoints> {
  const folders = roots.flatMap((root) => hostFolders(root, image.reference.registry));
  const { folder, looked } = await firstFolder(host, folders);
  const read = folder === undefined ? noHosts : await readFolder(host, folder, rules.oldHostsToml);
  const endpoints = read.hosts.map((entry) => endpointOf(image, host, entry, looked, rules));
  return {
    endpoints: await Promise.all(endpoints),
    files: [...looked, ...read.files],
    problems: read.problems,
  };
}

/** The first that is there stands for all after it. */
async function firstFolder(host: HostView, folders: readonly string[]) {
  let folder: string | undefined;
  const looked: Looked[] = [];
  for (const path of folders) {
    if (folder !== undefined) {
      looked.push({ path, state: 'passed over' });
      continue;
    }
    const state = await stat(pathOn(host, path)).then(
      () => 'used' as const,
      ({ code }) => (code === 'EACCES' ? ('unreadable' as const) : ('absent' as const)),
    );
    looked.push({ path, state });
    if (state === 'used') folder = path;
  }
  return { folder, looked };
}

const registryItself: PlacedHost = {
  resolves: true,
  pulls: true,
  headers: [],
  tls: noTlsFiles,
  written: byDefault,
};

interface ReadFolder {
  readonly hosts: readonly PlacedHost[];
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

const noHosts: ReadFolder = { hosts: [registryItself], files: [], problems: [] };

/** hosts.toml; without one, or with one that is empty or broken, what certificates are there. */
async function readFolder(
  host: HostView,
  folder: string,
  oldHostsToml: boolean,
): Promise<ReadFolder> {
  const path = `${folder}/hosts.toml`;
  const read = await readConfigText(host, path);
  const file =
    read.state === 'read' && read.text !== ''
      ? readHostsFile(read.text, folder, oldHostsToml)
      : undefined;
  if (file !== undefined && 'entries' in file) {
    const hosts = file.entries.map((entry) => placed(entry, path));
    return { hosts, files: [{ path, state: 'used' }], problems: [] };
  }
  const written = { in: folder, line: 0 };
  const hosts = [{ ...registryItself, written, tls: await certificatesIn(host, folder) }];
  if (file !== undefined) {
    return { hosts, files: [{ path, state: 'invalid' }], problems: [invalid(path, file)] };
  }
  if (read.state === 'unreadable') {
    return {
      hosts,
      files: [{ path, state: 'unreadable' }],
      problems: [unreadable(path, read.why)],
    };
  }
  return {
    hosts,
    files: [{ path, state: read.state === 'read' ? 'no match' : 'absent' }],
    problems: [],
  };
}

function placed(entry: HostEntry, path: string): PlacedHost {
  const at = (line: number): Written => ({ in: path, line });
  const { skipVerify, ca, client } = entry;
  return {
    ...entry,
    written: at(entry.line),
    tls: {
      ca: (ca?.paths ?? []).map((file) => ({ path: file, written: at(ca?.line ?? 0) })),
      pairs: (client?.pairs ?? []).map(([cert, key]) => ({
        cert,
        key,
        written: at(client?.line ?? 0),
      })),
      ...(skipVerify !== undefined && {
        skipVerify: { value: skipVerify.value, written: at(skipVerify.line) },
      }),
    },
  };
}

function invalid(path: string, { line, why }: { line: number; why: string }): ConfigProblem {
  return {
    id: 'hosts-toml-invalid',
    written: { in: path, line },
    message: `${path} ${why}: containerd says so in its log alone, and goes on as if it were not there.`,
    hint: 'Mend the file; it is read again at every pull.',
    isFatal: false,
  };
}

/** Where one of the folders has something for the registry, which is not read. */
async function listProblem(
  image: AskedImage,
  host: HostView,
  { roots, rootsWritten }: CriRegistry,
): Promise<ConfigProblem[]> {
  const folders = roots.flatMap((root) => hostFolders(root, image.reference.registry));
  const { folder } = await firstFolder(host, folders);
  if (folder === undefined) return [];
  return [
    {
      id: 'config-path-list',
      written: rootsWritten,
      message: `containerd's transfer service takes the list in config_path for the name of one folder, so ${folder} is not read.`,
      hint: 'Set config_path to one folder, such as /etc/containerd/certs.d, and restart containerd.',
      isFatal: false,
    },
  ];
}
