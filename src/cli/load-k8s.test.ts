import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addK8sFlags, refuseWithoutK8s } from './load-k8s.ts';

function flagsOf(...words: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  command.argument('[image...]');
  addK8sFlags(command);
  command.parse(words, { from: 'user' });
  return command.opts();
}

describe('flags of --k8s', () => {
  test('are read by the grammar of Kubernetes', () => {
    const tolerations = ['--toleration', 'a.b/c', '--toleration', 'd=e:NoExecute'];
    const selectors = ['--node-selector', 'kubernetes.io/arch=amd64', '--node-selector', 'x='];
    const flags = flagsOf('--k8s', 'd', ...tolerations, ...selectors, '--cpu-limit', '1.5');
    expect(flags.toleration).toEqual([
      { key: 'a.b/c', operator: 'Exists' },
      { key: 'd', operator: 'Equal', value: 'e', effect: 'NoExecute' },
    ]);
    expect(flags.nodeSelector).toEqual([
      ['kubernetes.io/arch', 'amd64'],
      ['x', ''],
    ]);
    expect(flags.cpuLimit).toBe('1.5');
  });

  test.each([
    ['--cpu-request', '0'],
    ['--cpu-request', '1.0005'],
    ['--cpu-limit', '2 cores'],
    ['--cpu-limit', '-1'],
    ['--memory-request', '500m'],
    ['--memory-limit', '1GB'],
    ['--namespace', 'Team_1'],
    ['--node-selector', 'arch'],
    ['--node-selector', 'a b=c'],
    ['--toleration', 'a:Never'],
    ['--toleration', '=b'],
    ['--service-account', 'A'],
    ['--image-pull-secret', 'a/b'],
    ['--storage-class', ''],
    ['--spread', '127.0.0.1:5000/app'],
    ['--results', 'mail'],
    ['--k6-image', 'http://h/a'],
    ['--starter-image', 'h/A'],
  ])('%s %s is refused', (flag, value) => {
    expect(() => flagsOf('--k8s', 'd', flag, value)).toThrow();
  });

  test('say nothing without it', () => {
    expect(() => refuseWithoutK8s(flagsOf('h/a'))).not.toThrow();
    expect(() => refuseWithoutK8s(flagsOf('--k8s', 'd', '--results', 'logs'))).not.toThrow();
    for (const words of [['--spread'], ['--results', 'logs'], ['--namespace', 'a']]) {
      expect(() => refuseWithoutK8s(flagsOf('h/a', ...words))).toThrow(words[0]);
    }
  });
});
