// Real clients set up for one registry: skopeo, podman, buildah, crane, regctl and oras, with the mock's user
// logged in where that is wanted, and with everything that they keep in a scratch folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { RunningMock } from '../../mocks/server.ts';
import { scratch } from './cli.ts';
import { runTool } from './tools.ts';

/** Runs the program with these words, expects it to succeed, and gives what it said. */
export type Run = (...words: string[]) => Promise<string>;

/** Standard error is in the output too. */
async function succeed(
  tool: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, output } = await runTool(tool, words, variables);
  expect(code, `${tool} ${words.join(' ')}: ${output}`).toBe(0);
  return output.trim();
}

/** `skopeo copy --all`, every digest kept, from the registry; as the mock's user if one is given. */
export function skopeoPull(from: string, to: string, user?: RunningMock): Promise<string> {
  const access = user === undefined ? [] : ['--src-creds', `${user.username}:${user.password}`];
  const trust = ['--src-tls-verify=false', ...access];
  return succeed('skopeo', ['copy', '--quiet', ...everything, ...trust, `docker://${from}`, to]);
}

/** As `skopeoPull`, the other way. */
export function skopeoPush(from: string, to: string, user: RunningMock): Promise<string> {
  const trust = ['--dest-tls-verify=false', '--dest-creds', `${user.username}:${user.password}`];
  return succeed('skopeo', ['copy', '--quiet', ...everything, ...trust, from, `docker://${to}`]);
}

const everything = ['--all', '--preserve-digests'];

/**
 * crane with a configuration of its own, logged in as the user of the mock if one is given; `ca` is a
 * file to trust where there is no user.
 */
export async function craneOf(user?: RunningMock, ca = user?.ca): Promise<Run> {
  const config = scratch();
  const variables = { DOCKER_CONFIG: config, ...(ca && { SSL_CERT_FILE: ca }) };
  const crane: Run = (...words) => succeed('crane', words, variables);
  if (user !== undefined) {
    const { registry, username, password } = user;
    await crane('auth', 'login', '-u', username, '-p', password, new URL(registry).host);
  }
  return crane;
}

/** regctl with a configuration of its own, and with what it must know of the mock's registry. */
export function regctlOf(mock: RunningMock, withPassword: boolean): Run {
  const config = scratch();
  const host = [
    `reg=${new URL(mock.registry).host}`,
    ...(mock.ca === undefined ? ['tls=disabled'] : []),
    ...(withPassword ? [`user=${mock.username}`, `pass=${mock.password}`] : []),
  ];
  const variables = {
    REGCTL_CONFIG: join(config, 'regctl.json'),
    DOCKER_CONFIG: config,
    ...(mock.ca && { SSL_CERT_FILE: mock.ca }),
  };
  return (...words) => succeed('regctl', ['--host', host.join(','), ...words], variables);
}

/** `oras copy` of one platform's image from the mock to an OCI layout in a scratch folder. */
export function orasPull(
  mock: RunningMock,
  image: string,
  platform: string,
  withPassword: boolean,
): Promise<string> {
  const trust = mock.ca === undefined ? ['--from-plain-http'] : ['--from-ca-file', mock.ca];
  const who = ['--from-username', mock.username, '--from-password', mock.password];
  const access = [...trust, ...(withPassword ? who : [])];
  const to = ['--to-oci-layout', `${join(scratch(), 'image')}:pulled`];
  const words = ['copy', '--no-tty', '--platform', platform, ...access, image, ...to];
  return succeed('oras', words, { DOCKER_CONFIG: scratch() });
}

/**
 * podman or buildah with a storage of its own; `access` are the words with which it reaches the mock, as
 * anybody until `login` is done.
 */
export function containersOf(
  tool: 'podman' | 'buildah',
  mock: RunningMock,
): { run: Run; access: readonly string[]; login: () => Promise<string> } {
  const dir = scratch();
  const authFile = join(dir, 'auth.json');
  writeFileSync(authFile, '{}');
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
  const run: Run = (...words) =>
    succeed(tool, [...storage, '--storage-driver', 'vfs', ...words], { TMPDIR: temporary });
  const trust = mock.ca === undefined ? ['--tls-verify=false'] : ['--cert-dir', dirname(mock.ca)];
  const access = [...trust, '--authfile', authFile];
  const { host } = new URL(mock.registry);
  const login = () => run('login', ...access, '-u', mock.username, '-p', mock.password, host);
  return { run, access, login };
}
