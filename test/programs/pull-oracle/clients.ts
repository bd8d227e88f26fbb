// The clients that are compared: the programs that pull by today's libraries, and Debian's older ones.
import { join } from 'node:path';

/** One pull by a program. */
export interface Pull {
  /** `host:port/repository:tag`. */
  readonly reference: string;
  /** Empty, for the program alone. */
  readonly folder: string;
  /** File of the CAs to trust. */
  readonly ca: string;
  readonly username?: string;
  readonly password?: string;
}

interface SetUp {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it failed with, in its own words; '' where it did not. */
  readonly read: (code: number, output: string) => string;
}

export interface Client {
  readonly profile: string;
  readonly program: string;
  readonly setUp: (pull: Pull) => SetUp;
  /** Faults under which it is compared; absent: all. */
  readonly faults?: readonly string[];
}

/** A program of test/tools/pullers. */
function puller(profile: string, library: string, ...more: string[]): Client {
  const program = `pull-${library}`;
  return {
    profile,
    program,
    setUp: ({ reference, ca, folder, username, password = '' }) => ({
      words: [...more, ...(username ? ['-username', username] : []), '-ca', ca, reference],
      env: { PULLER_PASSWORD: password, TMPDIR: folder },
      read: (code, output) => {
        const line = output.split('\n').find((text) => text.startsWith('{"ok":'));
        if (line === undefined) throw new Error(`${program} ended with ${code}: ${output}`);
        const { ok, error } = JSON.parse(line) as { ok: boolean; error: string };
        return ok ? '' : error;
      },
    }),
  };
}

/** What Debian's are asked: they are larger programs, and older ones of the same kind. */
const debianFaults = [
  'none',
  'tag-404',
  'tag-503-once',
  'tag-closes-once',
  'tag-429-once',
  'layer-404',
  'layer-401',
  'layer-500',
  'layer-429-once',
  'cdn-403-xml',
  'cdn-reset-once',
  'cdn-cut',
  'cdn-cut-reset',
  'cdn-cut-range-ignored',
  'redirect-port',
  'redirect-subdomain',
  'redirect-other',
  'redirect-back',
  'redirect-plain',
  'redirect-loop',
  'redirect-port-two-authentications',
  'redirect-subdomain-two-authentications',
];

const lastLine = (code: number, output: string) =>
  code === 0 ? '' : (output.trim().split('\n').at(-1) ?? `exit ${code}`);
const platform = { arch: 'amd64', os: 'linux' };

const skopeo: Client = {
  profile: 'skopeo@1.9',
  program: 'skopeo',
  faults: debianFaults,
  setUp: ({ reference, folder, ca }) => ({
    words: [
      ...['--insecure-policy', '--override-arch', platform.arch, '--override-os', platform.os],
      ...['copy', '--quiet', `docker://${reference}`, `oci:${join(folder, 'image')}:pulled`],
    ],
    env: { SSL_CERT_FILE: ca, TMPDIR: folder },
    read: lastLine,
  }),
};

const podman: Client = {
  profile: 'podman@4.3',
  program: 'podman',
  faults: debianFaults,
  setUp: ({ reference, folder, ca }) => ({
    words: [
      ...['--root', join(folder, 'root'), '--runroot', join(folder, 'r')],
      ...['--storage-driver', 'vfs', '--events-backend', 'none'],
      ...['pull', '--quiet', '--arch', platform.arch, '--os', platform.os, reference],
    ],
    env: { SSL_CERT_FILE: ca, TMPDIR: folder },
    read: lastLine,
  }),
};

export const clients: readonly Client[] = [
  puller('containerd', 'containerd', '-head-timeout', '7s'),
  puller('podman', 'containers', '-podman'),
  puller('crane', 'crane'),
  puller('oras', 'oras'),
  puller('regclient', 'regclient'),
  skopeo,
  podman,
];
