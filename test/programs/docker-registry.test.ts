// conform and load against real registries, filled by the real skopeo: Debian's docker-registry
// (distribution 2.8) and the registry of distribution v3.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { cli, readResults, scratch } from '../lib/cli.ts';
import {
  pushLayout,
  type RunningRegistry,
  startDockerRegistry,
  writeLayout,
} from '../lib/docker-registry.ts';
import { hasTools, testWith } from '../lib/tools.ts';

describe.each(['docker-registry', 'registry'] as const)('%s', (program) => {
  const test = testWith(program, 'skopeo', 'k6');
  let registry: RunningRegistry | undefined;
  const image = () => `${registry?.host}/team/app:latest`;

  beforeAll(async () => {
    if (!hasTools(program, 'skopeo')) return;
    registry = await startDockerRegistry({ program });
    await pushLayout(await writeLayout(), registry.host);
  });
  afterAll(async () => {
    await registry?.stop();
  });

  test('conform: every MUST of pulling holds, and blobs served directly are no failure', async () => {
    const out = scratch();
    const known = join(import.meta.dirname, 'registries/docker-registry-2.yaml');
    const words = ['conform', '--plain-http', image(), '--baseline', known, '--out', out];
    const { code, stderr } = await cli(words);
    const { checks = [] } = readResults(out);
    const verdictOf = (id: string) => checks.find((check) => check.id === id)?.verdict;
    const failing = checks.filter(
      ({ verdict, expectedFailure }) =>
        expectedFailure === undefined && (verdict === 'fail' || verdict === 'harness-error'),
    );
    expect(failing.map(({ id, actual }) => `${id}: ${actual}`)).toEqual([]);
    expect(code, stderr).toBe(0);
    expect(verdictOf('redirect-policy')).toBe('pass');
    expect(verdictOf('redirect-anonymous')).toBe('unsupported');
    expect(verdictOf('token-challenge')).toBe('unsupported');
    expect(verdictOf('blob-layers')).toBe('pass');
    expect(checks.length).toBeGreaterThanOrEqual(25);
  });

  test('conform finds the image by itself from the catalog and the tag list', async () => {
    const out = scratch();
    const words = [
      'conform',
      `http://${registry?.host}`,
      '--read-only',
      '--only',
      'manifest-by-tag',
      '--out',
      out,
    ];
    expect((await cli(words)).code).toBe(0);
    expect(readResults(out).target).toBe(image());
  });

  test('conform --redirect required reports that blobs come directly', async () => {
    const out = scratch();
    const words = [
      'conform',
      `http://${image()}`,
      '--redirect',
      'required',
      '--only',
      'redirect-policy',
    ];
    await cli([...words, '--out', out]);
    expect(readResults(out).checks?.[0]?.verdict).toBe('warn');
  });

  test.each(['podman', 'containerd'])('load as %s: all pulls verified, no edge', async (client) => {
    const out = scratch();
    const words = [
      'load',
      `http://${image()}`,
      '--client',
      client,
      '--iterations',
      '40',
      '--vus',
      '4',
    ];
    const { code, stderr } = await cli([...words, '--out', out]);
    expect(code, stderr).toBe(0);
    const { load } = readResults(out);
    expect(load?.pulls).toMatchObject({ ok: 40, failed: 0 });
    expect(load?.bytes.verified).toBe(load?.bytes.total);
    expect(Object.keys(load?.hops ?? {})).toEqual(['registry']);
    expect(load?.phases.layer?.count).toBe(120);
  });
});
