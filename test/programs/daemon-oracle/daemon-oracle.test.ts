// hosts.toml, the tables before it and daemon.json beside the real daemons of Debian 12: containerd (by CRI) and
// dockerd ask the hosts that our route names, in its order, at its paths.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest';
import { resolveRoute } from '../../../src/access/resolve.ts';
import type { Endpoint, Route } from '../../../src/access/route.ts';
import {
  type Containerd,
  type Daemon,
  reasonForNoDaemons,
  startContainerd,
  startDockerd,
} from '../../lib/daemons.ts';
import { hostWith } from '../../lib/root-host.ts';
import { hasTools, testWith } from '../../lib/tools.ts';
import { plainHosts, type StandIn, startStandIn } from '../config-oracle/stand-in.ts';
import { cases, hostsFiles, oldTables } from './cases.ts';

const containerdTools = ['unshare', 'containerd'];
const dockerTools = [...containerdTools, 'dockerd', 'docker'];
const table = 'plugins."io.containerd.grpc.v1.cri".registry';
const daemonSettings = {
  'registry-mirrors': ['https://a.example.com', 'http://plain.test/', 'https://b.example.com:5000'],
  'insecure-registries': ['plain.test:5000', 'd.plain.test'],
};

let noDaemons: string | undefined;
let standIn: StandIn | undefined;
let containerd: Containerd | undefined;
let older: Containerd | undefined;
let dockerd: Daemon | undefined;

beforeAll(async () => {
  if (!hasTools(...containerdTools)) return;
  noDaemons = await reasonForNoDaemons();
  if (noDaemons !== undefined) return;
  standIn = await startStandIn();
  const ca = join(mkdtempSync(join(tmpdir(), 'pullproof-ca-')), 'ca.pem');
  writeFileSync(ca, standIn.ca);
  const proxy = `http://127.0.0.1:${standIn.port}`;
  const variables = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: '', SSL_CERT_FILE: ca };
  containerd = await startContainerd({ variables });
  older = await startContainerd({ variables, registryTable: oldTables(table) });
  if (!hasTools(...dockerTools)) return;
  dockerd = await startDockerd(containerd.socket, { variables, settings: daemonSettings });
});
afterAll(async () => {
  await dockerd?.stop();
  await older?.stop();
  await containerd?.stop();
  standIn?.close();
});

/** What the daemon asked, the same thing in a row once; it has no image, so the pull fails. */
async function askedBy(daemon: Daemon | undefined, image: string): Promise<string[]> {
  const { asked = [] } = standIn ?? {};
  const from = asked.length;
  await expect(daemon?.pull(image)).rejects.toThrow();
  const found = asked.slice(from);
  return found.filter((line, at) => line !== found[at - 1]);
}

type RequestsTo = (endpoints: readonly Endpoint[]) => string[];

function expectedOf({ candidates, problems }: Route, requestsTo: RequestsTo): string[] {
  const endpoints = candidates.flatMap((candidate) => candidate.endpoints);
  const isFatal = [...problems, ...endpoints.flatMap(({ trust }) => trust.problems)].some(
    (problem) => problem.isFatal,
  );
  if (isFatal) return [];
  const all = requestsTo(endpoints);
  return all.filter((line, at) => line !== all[at - 1]);
}

function skipWithout(daemon: unknown, skip: TestContext['skip']): void {
  if (daemon === undefined) skip(noDaemons ?? 'needs its daemon');
}

/** By tag hosts that resolve; by digest those that pull, and what is no manifest may be a blob. */
const byContainerd: RequestsTo = (endpoints) =>
  ['manifests', 'blobs'].flatMap((kind) =>
    endpoints.flatMap(({ url, repository, reference, apiPath, namespace, resolves, pulls }) => {
      const isDigest = reference.startsWith('sha256:');
      if (isDigest ? !pulls : !resolves || kind === 'blobs') return [];
      const { protocol, host } = new URL(url);
      if (protocol === 'https:' && plainHosts.includes(host)) return [`no TLS at ${host}`];
      const query = namespace === undefined ? '' : `?ns=${encodeURIComponent(namespace)}`;
      return [`${protocol}//${host}${apiPath}/${repository}/${kind}/${reference}${query}`];
    }),
  );

const config = {
  '/etc/containerd/config.toml': `version = 2\n[${table}]\nconfig_path = "/certs.d"\n`,
};

async function expectAgreement(files: Readonly<Record<string, string>>, image: string) {
  containerd?.writeHosts(files);
  const placed = Object.entries(files).map(([path, text]) => [`/certs.d/${path}`, text]);
  const host = hostWith({ ...config, ...Object.fromEntries(placed) });
  const route = await resolveRoute(image, 'containerd@1.6', host, {});
  const asked = await askedBy(containerd, image);
  const story = JSON.stringify({ files, image, route }, undefined, 1);
  expect(asked, story).toEqual(expectedOf(route, byContainerd));
}

describe('containerd', () => {
  for (const [what, { files, image }] of Object.entries(cases)) {
    testWith(...containerdTools)(what, async ({ skip }) => {
      skipWithout(containerd, skip);
      await expectAgreement(files, image);
    });
  }

  testWith(...containerdTools)('hosts files drawn from the grammar', async ({ skip }) => {
    skipWithout(containerd, skip);
    await fc.assert(
      fc.asyncProperty(hostsFiles, async ({ files, image }) => expectAgreement(files, image)),
      { numRuns: 60, endOnFailure: true },
    );
  });

  for (const image of [
    'a.example.com/app:1',
    'b.example.com:5000/app:1',
    'quay.io/team/app:1',
    'docker.io/library/app:1',
  ]) {
    testWith(...containerdTools)(`the tables before hosts.toml, for ${image}`, async ({ skip }) => {
      skipWithout(older, skip);
      const text = `version = 2\n[${table}]\n${oldTables(table)}`;
      const host = hostWith({ '/etc/containerd/config.toml': text });
      const route = await resolveRoute(image, 'containerd@1.6', host, {});
      expect(await askedBy(older, image)).toEqual(expectedOf(route, byContainerd));
    });
  }
});

/** A ping and the manifest; where HTTPS fails HTTP, if that may be. */
const byDocker: RequestsTo = (endpoints) =>
  endpoints.flatMap(({ url, repository, reference, plainHttp }) => {
    const { protocol, host } = new URL(url);
    const requests = (scheme: string) => [
      `${scheme}//${host}/v2/`,
      `${scheme}//${host}/v2/${repository}/manifests/${reference}`,
    ];
    if (protocol === 'http:' || !plainHosts.includes(host)) return requests(protocol);
    return [`no TLS at ${host}`, ...(plainHttp === 'fallback' ? requests('http:') : [])];
  });

describe('dockerd', () => {
  for (const image of [
    'app:1',
    'a.example.com/app:1',
    'plain.test:5000/app:1',
    'plain.test/app:1',
    'd.plain.test/team/app:1',
  ]) {
    testWith(...dockerTools)(image, async ({ skip }) => {
      skipWithout(dockerd, skip);
      const files = { '/etc/docker/daemon.json': JSON.stringify(daemonSettings) };
      const route = await resolveRoute(image, 'docker@20.10', hostWith(files), {});
      expect(await askedBy(dockerd, image)).toEqual(expectedOf(route, byDocker));
    });
  }
});
