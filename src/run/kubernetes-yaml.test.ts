import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kubernetesYaml } from './kubernetes-yaml.ts';

test('texts are texts to readers of YAML 1.1 too', () => {
  const words = ['on', 'no', 'y', 'N', 'yes', '1_000', '010', '1:30', '1e3', '.5', '0x1f', '~', ''];
  const document = { nodeName: 'off', words };
  for (const version of ['1.1', '1.2'] as const) {
    expect(parse(kubernetesYaml(document), { version })).toEqual(document);
  }
});

test('plain words stay bare, and nothing stands for something above it', () => {
  const shared = { name: 'a b' };
  expect(kubernetesYaml({ one: shared, other: shared })).toBe(
    'one:\n  name: a b\nother:\n  name: a b\n',
  );
});
