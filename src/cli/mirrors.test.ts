import { describe, expect, test } from 'vitest';
import { profiles } from '../profiles/index.ts';
import { PlanFile } from '../run/load/plan/file.ts';
import { parseImage } from '../run/target.ts';
import { mirrorsOf, type Pullers } from './mirrors.ts';

const none = new PlanFile('', '{}');
const who = (more: Partial<Pullers> = {}): Pullers => ({
  clients: ['containerd'],
  images: [parseImage('registry.test/team/app:1', false)],
  isReplay: false,
  ...more,
});
const byFlag = (...mirror: string[]) => ({ mirror });

test('mirrors are origins, in their order; by default there are none', () => {
  expect(mirrorsOf(byFlag(), none, who())).toBeUndefined();
  expect(mirrorsOf(byFlag('http://127.0.0.1:5001', 'mirror.test'), none, who())).toEqual([
    'http://127.0.0.1:5001',
    'https://mirror.test',
  ]);
  const plain = { ...byFlag('mirror.test:5000'), plainHttp: true };
  expect(mirrorsOf(plain, none, who())).toEqual(['http://mirror.test:5000']);
});

test('a plan names them too, and flags win', () => {
  const plan = new PlanFile('plan.yaml', 'mirrors: [http://one.test, two.test]');
  expect(mirrorsOf(byFlag(), plan, who())).toEqual(['http://one.test', 'https://two.test']);
  expect(mirrorsOf(byFlag('three.test'), plan, who())).toEqual(['https://three.test']);
});

test.each([
  '',
  'http://',
  'http://mirror.test/v2',
  'mirror.test/path',
  'mirror.test?x',
  'a b',
  'http://[::1',
])('%j is no mirror', (text) => {
  expect(() => mirrorsOf(byFlag(text), none, who())).toThrow(
    expect.objectContaining({ code: 'mirror-invalid', exitCode: 2 }),
  );
});

test('credentials in front of the host are refused, and not repeated', () => {
  expect(() => mirrorsOf(byFlag('http://user:secret@mirror.test'), none, who())).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.not.stringContaining('secret') }),
  );
});

test('too many are refused, and a replay', () => {
  const many = Array.from({ length: 11 }, (_, at) => `m${at}.test`);
  expect(() => mirrorsOf(byFlag(...many), none, who())).toThrow(/11/);
  expect(() => mirrorsOf(byFlag('m.test'), none, who({ isReplay: true }))).toThrow(/replay/);
});

describe.each(Object.keys(profiles))('%s', (name) => {
  test('takes mirrors, or says that it knows of none', () => {
    const { mirrors } = profiles[name] ?? {};
    const ask = () => mirrorsOf(byFlag('m.test'), none, who({ clients: [name] }));
    if (mirrors !== undefined && mirrors.hubOnly === undefined) {
      expect(ask()).toEqual(['https://m.test']);
      return;
    }
    const refusal = {
      code: 'mirror-unsupported',
      exitCode: 2,
      message: expect.stringContaining(name),
    };
    expect(ask).toThrow(expect.objectContaining(refusal));
    const images = [parseImage('docker.io/library/busybox', false)];
    const ofHub = () => mirrorsOf(byFlag('m.test'), none, who({ clients: [name], images }));
    if (mirrors?.hubOnly === true) expect(ofHub()).toEqual(['https://m.test']);
    else expect(ofHub).toThrow(expect.objectContaining(refusal));
  });
});
