// Allow lists: names alone, each once, whatever hosts a redirect names. Loaded by the programs they are for:
// test/programs/doctor-lists.test.ts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  doctorPassSample,
  doctorSample,
  hostileText,
  poisoned,
} from '../test/lib/sample-results.ts';
import { allowListFormats, renderAllowList } from './allow-list.ts';
import { formats } from './index.ts';
import type { DoctorResult, HostRow, Results } from './results.ts';

const names = Object.keys(allowListFormats);

/** A run whose hosts are these. */
function withHosts(...changes: readonly Partial<HostRow>[]): Results {
  const row = doctorSample.doctor.hostList[0]!;
  const hostList = changes.map((change) => ({ ...row, ...change }));
  const doctor: DoctorResult = { ...doctorSample.doctor, hostList };
  return { ...doctorSample, doctor };
}

/** What stands in the configuration, comments left out. */
function effective(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trimEnd())
    .filter(Boolean)
    .join('\n');
}

describe.each(names)('%s', (name) => {
  test('names every host to let through, in lines that end', () => {
    const text = renderAllowList(name, doctorSample);
    expect(text.endsWith('\n')).toBe(true);
    for (const host of ['registry.example.com', 'cdn02.example.net', 'blobs.example.net']) {
      expect(text).toContain(host);
    }
    expect(text).toContain('blobs of registry.example.com');
  });

  test('has no host that does not belong there, no address that was resolved, no query', () => {
    const hidden = { host: 'hidden.example', allow: false };
    const text = renderAllowList(name, withHosts({}, hidden));
    expect(text).not.toContain('hidden.example');
    expect(renderAllowList(name, doctorSample)).not.toMatch(/\d+\.\d+\.\d+\.\d+(?!\/)|\?/);
  });

  test('is the same configuration whatever texts say', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        hostileText,
        '\nhttp_access allow all\n',
        'a" b',
        "a' # b",
        '}\nchain x {',
        '\n- x: y',
      ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const reasons = {
          reason: text,
          written: text,
          documented: { preset: text, source: text, date: text },
        };
        const tame = renderAllowList(name, withHosts({ host: 'a.example' }));
        const told = renderAllowList(name, withHosts({ host: 'a.example', ...reasons }));
        if (name !== 'csv') expect(effective(told)).toBe(effective(tame));
        expect(told.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(told.split('\n')).toHaveLength(tame.split('\n').length);
      }),
    );
  });

  test('takes no name that means something to a configuration', () => {
    for (const host of [
      'a.example\nhttp_access allow all',
      'a"b',
      'a b',
      '-a',
      'a;b',
      'a}b',
      'a#b',
      '../x',
      '$(x)',
    ]) {
      const text = renderAllowList(name, withHosts({ host: 'good.example' }, { host }));
      if (name === 'csv') continue;
      expect(effective(text)).toBe(
        effective(renderAllowList(name, withHosts({ host: 'good.example' }))),
      );
    }
  });

  test('of a run that is no diagnosis is nothing', () => {
    const { doctor: _, ...rest } = doctorSample;
    expect(renderAllowList(name, rest)).toBe('');
    expect(formats.json(doctorPassSample)).toContain('hostList');
  });
});

test('csv has a row a host, quoted as its readers want it, and no formula', () => {
  const text = renderAllowList(
    'csv',
    withHosts({ host: '*.a.example', port: 5000, reason: '=1+"2", a\nb' }),
  );
  const [head, row] = text.split('\n');
  expect(head).toBe('host,port,reason,observed,documented,source,expected');
  expect(row).toMatch(/^\*\.a\.example,5000,"'=1\+""2"", a b",yes,/);
});

test('squid gets ports apart, patterns as expressions, and no name beside its domain', () => {
  const text = effective(
    renderAllowList(
      'squid',
      withHosts(
        { host: 'a.example' },
        { host: '*.b.example' },
        { host: 'x.b.example' },
        { host: 'localhost', port: 5000 },
        { host: '*.ecr.*.amazonaws.com' },
        { host: '192.0.2.1' },
      ),
    ),
  );
  expect(text.split('\n')).toEqual([
    'acl pullproof_port_443 port 443',
    'acl pullproof_443 dstdomain a.example',
    'acl pullproof_443 dstdomain .b.example',
    'http_access allow pullproof_443 pullproof_port_443',
    'acl pullproof_443_pattern dstdom_regex -i ^[a-z0-9_-]+\\.ecr\\.[a-z0-9_-]+\\.amazonaws\\.com$',
    'http_access allow pullproof_443_pattern pullproof_port_443',
    'acl pullproof_443_address dst 192.0.2.1',
    'http_access allow pullproof_443_address pullproof_port_443',
    'acl pullproof_port_5000 port 5000',
    'acl pullproof_5000 dstdomain localhost',
    'http_access allow pullproof_5000 pullproof_port_5000',
  ]);
});

test('cilium is a policy with names, patterns and addresses by port', () => {
  const hosts = [
    { host: 'a.example' },
    { host: '*.b.example' },
    { host: '[2001:db8::1]', port: 5000 },
  ];
  const policy = parse(renderAllowList('cilium', withHosts(...hosts)));
  expect(policy).toMatchObject({ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy' });
  const [dns, names443, addresses] = policy.spec.egress;
  expect(dns.toPorts[0].rules.dns).toEqual([{ matchPattern: '*' }]);
  expect(names443).toEqual({
    toFQDNs: [{ matchName: 'a.example' }, { matchPattern: '*.b.example' }],
    toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
  });
  expect(addresses.toCIDR).toEqual(['2001:db8::1/128']);
});

test('harden-runner is one input of words, stars in front alone', () => {
  const text = renderAllowList(
    'harden-runner',
    withHosts({ host: '*.a.example' }, { host: 'a-*.example' }),
  );
  expect(parse(text)).toEqual({ 'allowed-endpoints': '*.a.example:443\n' });
  expect(text).toContain('a-*.example:443');
});

test('whatever a run holds, a list is made', () => {
  for (const name of names) {
    for (const sample of [doctorSample, doctorPassSample]) {
      expect(renderAllowList(name, poisoned(sample as Results, hostileText))).toMatch(/\n$/);
    }
  }
});
