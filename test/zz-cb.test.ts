import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { faults } from '../mocks/faults/index.ts';
import { createRegistry } from '../mocks/index.ts';
import { checks } from '../src/checks/catalogue.ts';
import { standardTag } from '../src/checks/standard-image.ts';
import { Redactor } from '../src/drivers/redact.ts';
import { runChecks } from '../src/run/checks.ts';
import { inProcess } from './lib/in-process.ts';

const now = () => Date.UTC(2026, 0, 2);
async function run(fault: string[]) {
  const registry = createRegistry({
    auth: 'bearer',
    redirect: 302,
    faults: fault,
    stallMs: 300,
    slowMs: 1,
    now,
  });
  const { username, password } = registry;
  const { results } = await runChecks({
    checks: checks.filter(({ needs }) => needs.includes('push')),
    perform: inProcess(registry.fetch),
    redactor: new Redactor(),
    registryUrl: registry.origins.registry,
    repository: 'scratch/one',
    reference: standardTag({ nonce: '00000001' }),
    otherRepository: 'scratch/two',
    mayPush: true,
    credentials: { username, password },
    redirectPolicy: 'required',
    seed: 1,
    now,
  });
  return results;
}
test('x', async () => {
  const out: Record<string, unknown> = {};
  const ids = process.env.F === 'all' ? faults.map((f) => f.id) : (process.env.F ?? '').split(',');
  const only = process.env.C === undefined ? undefined : new RegExp(process.env.C);
  for (const id of ids) {
    const start = performance.now();
    const results = await run(id === '' ? [] : [id]);
    const ms = Math.round(performance.now() - start);
    const bad = results.filter(
      ({ verdict, id }) => !['pass'].includes(verdict) && (only?.test(id) ?? true),
    );
    const noticed = bad.filter(({ verdict }) => ['fail', 'warn'].includes(verdict));
    const odd = bad.filter(({ verdict }) => !['fail', 'warn', 'void'].includes(verdict));
    const breaks = faults.find((f) => f.id === id)?.breaks ?? [];
    const pushIds = new Set(results.map((r) => r.id));
    const extra = noticed.map((r) => r.id).filter((each) => !breaks.includes(each));
    const missing = breaks.filter(
      (each) => pushIds.has(each) && !noticed.some((r) => r.id === each),
    );
    out[id] = {
      ms,
      n: results.length,
      noticed: noticed.length,
      void: bad.length - noticed.length - odd.length,
      extra,
      missing,
    };
    if (process.env.V !== undefined || id === '') {
      console.log(bad.map((r) => `${r.id} ${r.verdict}: ${r.actual.slice(0, 300)}`).join('\n'));
      const req = results.reduce((t, r) => t + r.evidence.length, 0);
      console.log(
        id,
        ms,
        results.length,
        'requests',
        req,
        'max',
        Math.max(...results.map((r) => r.evidence.length)),
        results.filter((r) => r.durationMs > 30).map((r) => `${r.id} ${r.durationMs}`),
      );
    }
    if (process.env.F !== 'all') console.log(id, JSON.stringify(out[id]));
  }
  if (process.env.F === 'all') writeFileSync('/tmp/cb/all.json', JSON.stringify(out, null, 1));
}, 600_000);
