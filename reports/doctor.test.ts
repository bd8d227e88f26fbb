// A diagnosis in every view: the cause first, with what to do; hosts, hops and lists; within the width it is given.
import { describe, expect, test } from 'vitest';
import { doctorPassSample, doctorSample } from '../test/lib/sample-results.ts';
import {
  doctorFindings,
  doctorSentence,
  doctorTone,
  hopParts,
  hostName,
  saysLines,
} from './doctor-words.ts';
import { renderHtml } from './html/page.ts';
import { formats } from './index.ts';
import type { DoctorResult, Results } from './results.ts';

const { doctor } = doctorSample;
const changed = (change: Partial<DoctorResult>): DoctorResult => ({ ...doctor, ...change });

test('names to let through stand before the pull hop by hop, where the network is what is wrong', () => {
  const shown = formats.text(doctorSample);
  const before = shown.slice(0, shown.indexOf('hop by hop'));
  for (const name of doctor.allowList) expect(before).toContain(name);
  const mine = changed({ causes: doctor.causes.map((cause) => ({ ...cause, who: 'you' })) });
  expect(formats.text({ ...doctorSample, doctor: mine })).not.toMatch(/^let through /m);
});

describe('what is found', () => {
  test('is told the gravest first: causes, hosts that differ, mistakes in files', () => {
    expect(doctorFindings(doctor).map(({ id, level }) => `${level} ${id}`)).toEqual([
      'error blob-host-blocked',
      'error host-unexpected',
      'error host-unreachable',
      'warning ipv6-black-hole',
      'warning registries-conf-key',
    ]);
  });

  test('is never nothing where a pull fails', () => {
    const bare = changed({ causes: [], hostList: [] });
    const [first] = doctorFindings(bare);
    expect(first).toMatchObject({ id: 'pull-fails', level: 'error' });
    expect(first?.evidence.join()).toContain('dial-timeout');
    expect(doctorTone(bare)).toBe('bad');
  });

  test('is a warning where the pull works all the same', () => {
    const works = changed({
      pullable: true,
      hostList: [],
      route: { ...doctor.route, problems: [] },
    });
    expect(doctorFindings(works).every(({ level }) => level === 'warning')).toBe(true);
    expect(doctorTone(works)).toBe('warn');
    expect(doctorSentence(works)).toContain('2 warnings');
    expect(doctorTone(doctorPassSample.doctor)).toBe('good');
  });

  test('has a mistake in a file once, where a cause names it', () => {
    const [cause] = doctor.causes;
    const causes = [{ ...cause!, id: 'registries-conf-key' }];
    const ids = doctorFindings(changed({ causes, hostList: [] })).map(({ id }) => id);
    expect(ids).toEqual(['registries-conf-key']);
  });

  test('and where a cause has its words, with its place', () => {
    const [cause] = doctor.causes;
    const evidence = doctor.route.problems.map(({ written, message }) => `${written}: ${message}`);
    const causes = [{ ...cause!, id: 'pull-secret', evidence }];
    const ids = doctorFindings(changed({ causes, hostList: [] })).map(({ id }) => id);
    expect(ids).toEqual(['pull-secret']);
  });

  test('says what the client would print here, not its words with gaps', () => {
    expect(doctorFindings(doctor)[0]?.clientSays).toBe(doctor.clientSays);
  });
});

test('a host has its port where that is not that of HTTPS', () => {
  expect(hostName({ host: 'a', port: 443 })).toBe('a');
  expect(hostName({ host: 'a', port: 80 })).toBe('a:80');
  expect(hostName({ host: '::1', port: 5000 })).toBe('[::1]:5000');
});

test.each([
  ['NO_PROXY lacks this host', 'NO_PROXY lacks'],
  ['IPv6 packets vanish', 'IPv6 packets'],
  ['A page comes', 'a page comes'],
  ['Nothing listens.', 'nothing listens ('],
])('%j is told in a sentence', (title, told) => {
  const causes = [{ ...doctor.causes[0]!, title, harmless: false }];
  expect(doctorSentence({ ...doctor, causes })).toContain(`: ${told}`);
});

describe('a run that was ended in the middle', () => {
  const [first] = doctor.hops;
  const hop = { ...first!, status: 200, failure: 'interrupted' as const, message: 'stopped' };
  const stopped = {
    ...doctor,
    pullable: false,
    causes: [],
    hostList: [],
    hops: [hop],
    route: { ...doctor.route, problems: [] },
  };
  delete (stopped as { clientSays?: string }).clientSays;

  test('accuses nobody', () => {
    expect(doctorFindings(stopped)).toEqual([]);
    expect(doctorTone(stopped)).toBe('warn');
    expect(doctorSentence(stopped)).not.toMatch(/cannot|no cause/);
    const results = { ...doctorSample, doctor: stopped };
    expect(formats.junit(results)).not.toContain('<failure');
    for (const text of [formats.text(results), formats.markdown(results)]) {
      expect(text).not.toMatch(/cannot pull|pull-fails/);
    }
  });

  test('keeps what it had found until then', () => {
    const found = { ...stopped, causes: doctor.causes };
    expect(doctorSentence(found)).toContain('cannot pull');
  });
});

test('parts of a request add up to the whole', () => {
  for (const hop of doctor.hops) {
    const sum = hopParts(hop).reduce((total, [, ms]) => total + ms, 0);
    expect(sum).toBeGreaterThanOrEqual(hop.totalMs);
  }
});

describe('on a terminal', () => {
  test.each([40, 80, 120])('it keeps to %i columns, bars and tables too', (width) => {
    const text = formats.text(doctorSample, { color: false, width });
    const tooLong = text.split('\n').filter((line) => line.length > width);
    // A single word keeps its line; a table of hosts has names as long as they are.
    const words = tooLong.filter((line) => width >= 80 && line.trim().split(/\s+/).length > 3);
    expect(words).toEqual([]);
  });

  test('the verdict comes first, then the cause, evidence, words and steps', () => {
    const text = formats.text(doctorSample, { color: false, width: 80 });
    const at = [
      'FAIL  ',
      '✗ blob-host-blocked',
      'evidence',
      'it says',
      'do  ',
      'network team',
      'hop by hop',
      'Hosts',
    ].map((part) => text.indexOf(part));
    expect(at.every((place) => place >= 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  test('what the client prints keeps its lines, its tries folded into one, and its end is there', () => {
    const why = `Get "https://cdn.example.com/sha256/${'a'.repeat(200)}": i/o timeout`;
    const tries = [1, 2, 3].map((at) => `Failed, retrying in 1s ... (${at}/3). Error: ${why}`);
    const clientSays = [...tries, `Error: unable to copy: ${why}`].join('\n');
    const results = { ...doctorSample, doctor: { ...doctor, clientSays } };
    const text = formats.text(results, { color: false, width: 80 });
    expect(text.match(/retrying in/g)).toHaveLength(1);
    expect(text.replace(/\s+/g, ' ')).toContain('(1/3, 2/3, 3/3). Error: Get');
    expect(text).toMatch(/^ +Error: unable to copy: Get$/m);
    for (const name of ['junit', 'markdown', 'github'] as const) {
      expect(formats[name](results).match(/unable to copy/g)?.length, name).toBeGreaterThan(0);
      expect(formats[name](results), name).toMatch(/1\/3, 2\/3, 3\/3/);
    }
    expect(saysLines('a (1/3)\nb (2/3)\nb (3/3)\nc')).toEqual(['a (1/3)', 'b (2/3, 3/3)', 'c']);
  });

  test('every host, hop and probe is named, and where the configuration says so', () => {
    const text = formats.text(doctorSample, { color: false, width: 200 });
    for (const { host } of doctor.hosts) expect(text).toContain(host.replace(':443', ''));
    for (const { id } of doctor.probes) expect(text).toContain(id);
    expect(text).toContain('/etc/containers/registries.conf:12');
    expect(text).toContain('repeat 1');
  });
});

test('JUnit has the pull, each finding and each host that is as expected', () => {
  const xml = formats.junit(doctorSample);
  expect(xml).toContain('name="podman pulls registry.example.com/team/app:1.2"');
  expect(xml).toContain('type="blob-host-blocked"');
  expect(xml.match(/<failure /g)).toHaveLength(4);
  expect(xml.match(/<skipped /g)).toHaveLength(2);
  expect(xml).toContain('name="auth.example.com is as expected"');
  expect(formats.junit(doctorPassSample)).not.toContain('<failure');
});

test.each(['sarif', 'gitlab', 'github', 'markdown'] as const)('%s names each finding', (name) => {
  const text = formats[name](doctorSample);
  for (const { id } of doctorFindings(doctor)) expect(text).toContain(id);
  const good = formats[name](doctorPassSample);
  expect(good).not.toContain('blob-host-blocked');
});

describe('the page', () => {
  const page = renderHtml([doctorSample]);

  test('leads with the cause, and has the lists to copy', () => {
    expect(/<h1>([^<]*)/.exec(page)?.[1]).toContain('cdn01.example.net:443');
    for (const form of ['squid', 'nftables', 'cilium', 'harden-runner', 'csv']) {
      expect(page).toContain(`<summary>${form}</summary>`);
    }
    expect(page.match(/data-copy/g)?.length).toBeGreaterThanOrEqual(6);
  });

  test('shows certificates, resolvers, sources and places', () => {
    for (const part of [
      'CN=Example CA,O=Example',
      '192.0.2.53',
      'example.com/node/7001746',
      'auth.json:4',
    ]) {
      expect(page).toContain(part);
    }
  });

  test('stays small whatever a run holds', () => {
    const many = <T>(one: T): T[] => Array.from({ length: 5_000 }, () => one);
    const huge: Results = {
      ...doctorSample,
      doctor: changed({
        hops: many(doctor.hops[0]!),
        hosts: many(doctor.hosts[0]!),
        hostList: doctor.hostList,
        probes: many(doctor.probes[0]!),
        causes: many(doctor.causes[0]!),
      }),
    };
    expect(renderHtml([huge]).length).toBeLessThan(3_000_000);
    expect(formats.text(huge).length).toBeLessThan(200_000);
  });
});
