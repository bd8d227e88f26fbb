import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTls } from '../../mocks/http/tls.ts';
import { hostWith } from '../../test/lib/host-folder.ts';
import { findTrust } from './certs-d.ts';
import type { HostView } from './host-view.ts';

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const find = (client: string, host: HostView, registry = 'h:5000') =>
  findTrust({ registry }, client, host, {});

describe('folders in order', () => {
  const folders = [
    '/home/user/.config/containers/certs.d',
    '/etc/containers/certs.rootless.d/1000',
    '/etc/containers/certs.rootless.d',
    '/etc/containers/certs.d',
    '/usr/share/containers/certs.d',
    '/etc/docker/certs.d',
  ];
  const all = Object.fromEntries(folders.map((it) => [`${it}/h:5000/ca.crt`, pem(it)]));

  test('the first that is there counts, and no other', async () => {
    for (let left = 0; left < folders.length; left++) {
      const files = Object.fromEntries(Object.entries(all).slice(left));
      const { ca, looked, problems } = await find('podman', hostWith(files));
      expect(ca).toEqual([
        {
          pem: pem(folders[left] ?? ''),
          written: { in: `${folders[left]}/h:5000/ca.crt`, line: 1 },
        },
      ]);
      expect(looked.filter(({ state }) => state === 'used')).toHaveLength(1);
      expect(looked.filter(({ state }) => state === 'passed over')).toHaveLength(5 - left);
      expect(problems).toEqual([]);
    }
  });

  test('a folder without certificates is one', async () => {
    const files = { ...all, [`${folders[0]}/h:5000/README`]: 'x' };
    delete files[`${folders[0]}/h:5000/ca.crt`];
    expect((await find('podman', hostWith(files))).ca).toEqual([]);
  });

  test.each([
    ['podman@4.3', '/home/user/.config/containers/certs.d'],
    ['docker', '/etc/docker/certs.d'],
    ['regclient', '/etc/docker/certs.d'],
    ['cri-o', '/etc/containers/certs.d'],
    ['crane', undefined],
    ['oras', undefined],
  ])('%s takes %s', async (client, folder) => {
    const { ca } = await find(client, hostWith(all));
    expect(ca.map(({ written }) => written.in)).toEqual(
      folder === undefined ? [] : [`${folder}/h:5000/ca.crt`],
    );
  });

  test('XDG_CONFIG_HOME counts since 5.42', async () => {
    const files = { ...all, '/x/containers/certs.d/h:5000/ca.crt': pem('xdg') };
    const host = hostWith(files, { variables: { XDG_CONFIG_HOME: '/x' } });
    expect((await find('podman', host)).ca[0]?.pem).toBe(pem('xdg'));
    expect((await find('podman@5', host)).ca[0]?.pem).toBe(pem(folders[0] ?? ''));
  });
});

describe('what is wrong', () => {
  const inFolder = (files: Readonly<Record<string, string>>) =>
    hostWith(
      Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          `/etc/containers/certs.d/h:5000/${name}`,
          text,
        ]),
      ),
    );

  test.each([
    ['a client certificate without key', { 'client.cert': pem('x') }, 'certs-d-key-missing', true],
    ['a key without certificate', { 'client.key': 'hunter22' }, 'certs-d-cert-missing', true],
    ['what are no PEM', { 'a.cert': 'hunter22', 'a.key': 'hunter22' }, 'certs-d-pair', true],
    ['a CA that is none', { 'ca.crt': 'hunter22' }, 'certs-d-no-pem', false],
    ['a CA of another ending', { 'ca.pem': pem('x') }, 'certs-d-ending', false],
  ])('%s', async (_what, files, id, isFatal) => {
    const { problems, ca, client } = await find('podman', inFolder(files));
    expect(problems).toMatchObject([{ id, isFatal }]);
    expect({ ca, client }).toEqual({ ca: [], client: undefined });
    expect(JSON.stringify(problems)).not.toContain('hunter22');
  });

  test.each([
    ['h', 'h:443'],
    ['h:443', 'h'],
    ['h:5000', 'H:5000'],
    ['h:5000', 'h'],
  ])('%s does not count the folder %s', async (registry, folder) => {
    const host = hostWith({ [`/etc/docker/certs.d/${folder}/ca.crt`]: pem('x') });
    const { ca, problems, looked } = await find('docker', host, registry);
    expect(ca).toEqual([]);
    expect(problems).toMatchObject([{ id: 'certs-d-name', isFatal: false }]);
    expect(looked).toContainEqual({
      path: '/etc/docker/certs.d',
      state: 'no match',
      holds: [folder],
    });
  });

  test.skipIf(process.getuid?.() === 0)('a CA that may not be read ends podman', async () => {
    const host = inFolder({ 'ca.crt': pem('x') });
    chmodSync(join(host.root, '/etc/containers/certs.d/h:5000/ca.crt'), 0);
    const { problems } = await find('podman', host);
    expect(problems).toMatchObject([{ id: 'certs-d-unreadable', isFatal: true }]);
  });
});

test('a client certificate with its key is shown; with another key podman ends', async () => {
  const [one, other] = [makeTls(['one.example']), makeTls(['other.example'])];
  const folder = '/etc/containers/certs.d/h:5000';
  const files = { [`${folder}/a.cert`]: one.cert, [`${folder}/a.key`]: one.key };
  const { client, problems } = await find('podman', hostWith(files));
  expect({ client, problems }).toEqual({
    client: { cert: one.cert, key: one.key, written: { in: `${folder}/a.cert`, line: 1 } },
    problems: [],
  });
  const wrong = await find('podman', hostWith({ ...files, [`${folder}/a.key`]: other.key }));
  expect(wrong.problems).toMatchObject([{ id: 'certs-d-pair', isFatal: true }]);
  expect(JSON.stringify(wrong.problems)).not.toContain('PRIVATE KEY');
});

test('flags and the endpoint', async () => {
  const host = hostWith({});
  const written = { in: '/etc/containers/registries.conf', line: 3 };
  const endpoint = { registry: 'h', insecure: written };
  expect((await findTrust(endpoint, 'podman', host, {})).unverified).toEqual(written);
  const flags = { ca: ['PEM'], insecure: true };
  expect(await findTrust({ registry: 'h' }, 'podman', host, flags)).toMatchObject({
    unverified: { in: '--insecure' },
    ca: [{ pem: 'PEM', written: { in: '--ca' } }],
  });
});
