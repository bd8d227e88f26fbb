// The certificates that a containerd host is trusted by, from the files that its configuration names or its folder has.
import { readdir } from 'node:fs/promises';
import { pairFault } from '../cert-folder.ts';
import { readConfigText } from '../config-file.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { ConfigProblem, Looked, Trust, Written } from '../route.ts';

/** Paths are absolute. */
export interface TlsFiles {
  readonly ca: readonly { readonly path: string; readonly written: Written }[];
  /** Certificate and key; the same path where one file has both. */
  readonly pairs: readonly {
    readonly cert: string;
    readonly key: string;
    readonly written: Written;
  }[];
  /** Absent: not said. */
  readonly skipVerify?: { readonly value: boolean; readonly written: Written };
}

export const noTlsFiles: TlsFiles = { ca: [], pairs: [] };

/** Whether anything of TLS is said: then HTTPS is tried even where HTTP is meant. */
export function saysTls({ ca, pairs, skipVerify }: TlsFiles): boolean {
  return ca.length > 0 || pairs.length > 0 || skipVerify !== undefined;
}

/** Docker's layout: `.crt` are CAs, `.cert` and `.key` pairs; a `.cert` alone has the key in it, too. */
export async function certificatesIn(host: HostView, folder: string): Promise<TlsFiles> {
  const entries = await readdir(pathOn(host, folder), { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
  const place = (name: string) => ({
    path: `${folder}/${name}`,
    written: whole(`${folder}/${name}`),
  });
  return {
    ca: names.filter((name) => name.endsWith('.crt')).map(place),
    pairs: names
      .filter((name) => name.endsWith('.cert'))
      .map((name) => {
        const key = name.replace(/\.cert$/, '.key');
        const { path, written } = place(name);
        return { cert: path, key: names.includes(key) ? `${folder}/${key}` : path, written };
      }),
  };
}

/** Reads the files: one that is missing or none ends the pull, at whichever host it is for. */
export async function trustBy(
  host: HostView,
  files: TlsFiles,
  looked: readonly Looked[],
): Promise<Trust> {
  const problems: ConfigProblem[] = [];
  const read = async (path: string, written: Written, label: string) => {
    const text = await readPem(host, path, written, label);
    if (typeof text === 'string') return text;
    problems.push(text);
    return undefined;
  };
  const ca: Trust['ca'][number][] = [];
  for (const { path, written } of files.ca) {
    const pem = await read(path, written, 'CERTIFICATE');
    if (pem !== undefined) ca.push({ pem, written });
  }
  const pairs: NonNullable<Trust['client']>[] = [];
  for (const { cert: certPath, key: keyPath, written } of files.pairs) {
    const cert = await read(certPath, written, 'CERTIFICATE');
    const key = await read(keyPath, written, 'PRIVATE KEY');
    if (cert === undefined || key === undefined) continue;
    const fault = pairFault(cert, key);
    if (fault === undefined) pairs.push({ cert, key, written });
    else problems.push(unusable(written, `${certPath} ${fault}`));
  }
  const [client] = pairs;
  const isSkipped = files.skipVerify?.value === true;
  return {
    ...(isSkipped && { unverified: files.skipVerify?.written }),
    ca,
    ...(client !== undefined && { client }),
    looked,
    problems,
  };
}

async function readPem(
  host: HostView,
  path: string,
  written: Written,
  label: string,
): Promise<string | ConfigProblem> {
  const read = await readConfigText(host, path);
  if (read.state === 'read') {
    if (new RegExp(`-----BEGIN [A-Z0-9 ]*${label}-----`).test(read.text)) return read.text;
    return unusable(written, `${path} holds no ${label.toLowerCase()} in PEM`);
  }
  if (read.state === 'absent') return unusable(written, `${path} is named and not there`);
  return {
    id: 'config-unreadable',
    written,
    message: `${path} ${read.why}, so what it says is not known here.`,
    hint: 'Run this as the user that the daemon runs as, mostly root.',
    isFatal: false,
  };
}

function unusable(written: Written, what: string): ConfigProblem {
  return {
    id: 'certificate-unusable',
    written,
    message: `${what}: containerd fails before it asks any host for images of this registry.`,
    hint: 'Put the PEM file there, or leave it out.',
    isFatal: true,
  };
}

function whole(path: string): Written {
  return { in: path, line: 0 };
}
