import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../doctor/facts.ts';
import type { Dial, Handshake, Way, Wire } from '../../../doctor/wire.ts';
import { type HostListOptions, listHosts } from './host-list.ts';
import { isHostPattern } from './host-pattern.ts';
import { presets } from './presets.ts';

const way: Way = {
  proxy: {},
  trust: { ca: [], looked: [], problems: [] },
  timeoutMs: 5_000,
};
const shake = (failure: Handshake['failure']): Handshake => ({
  failure,
  words: '',
  version: '',
  alpn: '',
  chain: [],
  trustedBy: [],
  problem: '',
  ms: 1,
});
const dialled = (failure: Dial['failure']): Dial => ({
  address: '192.0.2.1',
  port: 443,
  family: 4,
  failure,
  words: '',
  ms: 1,
});

/** A network in which these names are there; what was asked of it is told. */
function network(...names: readonly string[]): { wire: Wire; asked: string[] } {
  const asked: string[] = [];
  const wire: Wire = {
    lookup: async (host, family) => {
      const isThere = names.includes(host) && family === 4;
      const addresses = isThere ? [`192.0.2.${names.indexOf(host)}`] : [];
      const failure = isThere ? '' : 'nxdomain';
      return { host, family, addresses, cnames: [], failure, resolver: '', ms: 1 };
    },
    dial: async (address) => {
      asked.push(address);
      return dialled('');
    },
    handshake: async ({ host }) => {
      asked.push(host);
      return shake('');
    },
    exchange: async () => {
      throw new Error('nothing is asked');
    },
    now: () => 0,
    close: async () => undefined,
  };
  return { wire, asked };
}

function host(name: string, role: HostFacts['role'], change: Partial<HostFacts> = {}): HostFacts {
  return {
    host: name,
    role,
    scheme: 'https',
    lookups: [],
    dials: [dialled('')],
    handshake: shake(''),
    handshakes: [],
    ...change,
  };
}

const pulled = [
  host('quay.io:443', 'registry'),
  host('cdn01.quay.io:443', 'edge', {
    dials: [dialled('dial-timeout')],
    handshake: shake('dial-timeout'),
  }),
];

async function list(
  hosts: readonly HostFacts[],
  change: Partial<HostListOptions>,
  wire = network().wire,
) {
  const options = { presets: [], expected: [], wayTo: () => way, ...change };
  return await listHosts(hosts, options, wire);
}

const at = (host: string, written = 'f:1', port?: number) => ({ host, written, port });

describe('hosts of a pull', () => {
  test('are all allowed, by name, with what they are for; a proxy is none of them', async () => {
    const proxy = host('proxy.corp:3128', 'proxy');
    const { rows, allowList, failed } = await list(
      [...pulled, host('localhost:5000', 'mirror'), proxy],
      {},
    );
    expect(allowList).toEqual(['quay.io', 'cdn01.quay.io', 'localhost:5000']);
    expect(rows.slice(0, 4).map((row) => [row.reason, row.reachable])).toEqual([
      ['registry of the image', true],
      ['blobs of quay.io', false],
      ['mirror of quay.io', true],
      ['proxy (proxy.corp:3128) that requests go through', true],
    ]);
    expect(failed).toBe(false);
  });

  test('are documented where a preset knows the registry; it widens the list where it is asked for', async () => {
    const { rows, allowList } = await list(pulled, {});
    expect(rows[1]?.documented).toMatchObject({ preset: 'redhat', date: '2023-05-01' });
    const more = rows.filter(({ observed }) => !observed);
    expect(more.map((row) => row.host)).toContain('cdn06.quay.io');
    expect(more.map((row) => row.host)).not.toContain('registry.redhat.io');
    expect(more.every(({ allow, trouble }) => !allow && trouble === '')).toBe(true);
    expect(allowList).toHaveLength(2);
    const asked = await list(pulled, { presets: ['redhat'] });
    expect(asked.allowList).toContain('registry.redhat.io');
  });

  test('fail the run where they are not expected, or expected and silent', async () => {
    const expected = [at('*.quay.io', 'f:2', 443), at('gone.example')];
    const { rows, failed } = await list(pulled, { expected });
    expect(failed).toBe(true);
    expect(
      rows.slice(0, 2).map(({ expected: is, trouble, written }) => [is, trouble, written]),
    ).toEqual([
      [false, 'unexpected', ''],
      [true, 'unreachable', 'f:2'],
    ]);
    expect(rows.find((row) => row.host === 'gone.example')).toMatchObject({
      observed: false,
      trouble: 'unreachable',
    });
  });

  test('that are expected and were not touched are looked for, patterns and denied ones are not', async () => {
    const { wire, asked } = network('here.example', 'denied.example');
    const denied = { ...at('denied.example'), isDenied: true as const };
    const expected = [
      at('quay.io'),
      at('cdn01.quay.io'),
      at('here.example'),
      at('*.x.example'),
      denied,
    ];
    const hosts = [pulled[0]!, host('cdn01.quay.io:443', 'edge')];
    const { rows, failed, allowList } = await list(hosts, { expected }, wire);
    expect(failed).toBe(false);
    expect(rows.find((row) => row.host === 'here.example')?.reachable).toBe(true);
    expect(rows.find((row) => row.host === '*.x.example')?.reachable).toBe(null);
    expect(asked).toEqual(['192.0.2.0', 'here.example']);
    expect(allowList).toEqual(['quay.io', 'cdn01.quay.io', 'here.example', '*.x.example']);
  });

  test('that are denied are not expected, whatever else says so', async () => {
    const expected = [at('*'), { ...at('cdn01.quay.io', 'g:2'), isDenied: true as const }];
    const { rows } = await list(pulled, { expected });
    expect(rows.slice(0, 2).map(({ trouble }) => trouble)).toEqual(['', 'unexpected']);
    expect(rows.slice(0, 2).map(({ written }) => written)).toEqual(['f:1', 'g:2']);
  });
});

describe('presets', () => {
  test.each(Object.entries(presets))(
    '%s has a registry, and each row names its source',
    (_, { hosts }) => {
      expect(hosts.some(({ serves }) => serves === 'registry')).toBe(true);
      for (const one of hosts) {
        expect(isHostPattern(one.host), one.host).toBe(true);
        expect(one.source).not.toBe('');
        expect(one.date).toMatch(/^(|\d{4}(-\d\d){0,2})$/);
      }
    },
  );
});
