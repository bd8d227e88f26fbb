import { describe, expect, test } from 'vitest';
import { levelsForClients } from './client-levels.ts';
import { validate } from './library.ts';

const version1 = Buffer.from('[registries.search]\nregistries = ["h.test"]\n');
const levelFor = async (...clients: string[]) => {
  const options = { name: 'registries.conf', levels: levelsForClients(clients) };
  return (await validate(version1, options)).findings.map(({ level }) => level);
};

describe('a rule that holds from a version of a client on', () => {
  test.each<[string[], string]>([
    [[], 'error'],
    [['podman@6'], 'error'],
    [['podman@6.0.1'], 'error'],
    [['podman@5'], 'warning'],
    [['podman@v5.8.2'], 'warning'],
    [['podman@10'], 'error'],
    [['podman@5', 'podman@6'], 'error'],
    [['containers-image@5.39.1'], 'warning'],
    [['containers-image@5.40'], 'error'],
    [['podman@5', 'containers-image@5.42'], 'error'],
  ])('for %j is of level %s', async (clients, level) => {
    expect(await levelFor(...clients)).toEqual([level]);
  });

  test.each(['podmann@5', 'podman', 'podman@', 'docker@x', 'podman@5@6', ''])(
    'refuses %j',
    (it) => {
      expect(() => levelsForClients([it])).toThrow(/no client and version/);
    },
  );
});
