// What a read-only run says of the stand-ins (mocks/fronts), by a baseline each: every accusation is true of the
// program that it stands in for, and names the sentence. An entry that holds by now has to go.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FrontName } from '../../mocks/fronts/front.ts';
import { startMock } from '../../mocks/server.ts';
import { readBaseline } from '../../src/run/conform/expected-failures.ts';
import { conformTo } from '../lib/real-registries.ts';

const repository = 'demo/app';

/** What is read: spegel has no tags for who does not say `ns`, as conform does not. */
const references: Readonly<Record<FrontName, 'tag' | 'digest'>> = {
  archeio: 'tag',
  spegel: 'digest',
  'pull-through': 'tag',
};

async function imageOf(origin: string, by: 'tag' | 'digest'): Promise<string> {
  if (by === 'tag') return `${repository}:latest`;
  const reply = await fetch(`${origin}/v2/${repository}/manifests/latest?ns=example.org`);
  await reply.body?.cancel();
  return `${repository}@${reply.headers.get('Docker-Content-Digest')}`;
}

const names = Object.keys(references) as FrontName[];

describe.each(names)('%s', (like) => {
  test('fails where its baseline says, and nowhere else', async () => {
    const file = new URL(`stand-ins/${like}.yaml`, import.meta.url);
    const baseline = readBaseline(`${like}.yaml`, readFileSync(file, 'utf8'));
    const mock = await startMock({ like });
    const start = async () => {
      const origin = mock.registry;
      return { origin, image: await imageOf(origin, references[like]), undo: [mock.close] };
    };
    const results = await conformTo({ title: like, baseline: like, tools: [], start }, baseline);
    expect(results.conform?.mode).toBe('read-only');
    const { unexpected = [], fixed = [], unjudged = [] } = results.conform?.baseline ?? {};
    const said = (results.checks ?? []).filter(({ id }) => unexpected.includes(id));
    expect(said.map(({ id, actual }) => `${id}: ${actual}`)).toEqual([]);
    expect([fixed, unjudged]).toEqual([[], []]);
    const held = (results.checks ?? []).filter(({ verdict }) => verdict === 'pass');
    expect(held.length).toBeGreaterThan(40);
    expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
  });
});

test('a mirror that has no tags is told by what it answered, not as a repository that is absent', async () => {
  const mock = await startMock({ like: 'spegel' });
  const start = async () => ({
    origin: mock.registry,
    image: `${repository}:latest`,
    undo: [mock.close],
  });
  const run = conformTo({ title: 'spegel', baseline: '', tools: [], start });
  await expect(run).rejects.toThrow(/manifests\/latest .* 404.* by digest only/);
});
