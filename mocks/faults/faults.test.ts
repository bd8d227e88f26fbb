// Every fault must show on a reply, and the sound mock must not show it. What checks make of it is the
// kill matrix, elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/lib/user-error.ts';
import {
  configPath,
  content,
  deviations,
  head,
  header,
  largeDigest,
  largeSize,
  range,
  small,
  top,
} from '../../test/lib/pull-deviations.ts';
import { Clock, TestClient } from '../../test/lib/test-client.ts';
import { createRegistry } from '../index.ts';
import { type Fault, faults } from './index.ts';

const tempo = { stallMs: 5, dripMs: 1, slowMs: 5 };

test.each(deviations)('%s shows, and only with the fault', async (id, look, seen) => {
  const { now } = new Clock();
  expect(await look(new TestClient({ now, faults: [id], ...tempo }))).toEqual(seen);
  expect(await look(new TestClient({ now }))).not.toEqual(seen);
});

const lasting = faults.filter(({ layer }) => layer === 'store').map(({ id }) => id);
test.each(deviations.filter(([id]) => !lasting.includes(id)))(
  '%s is held back by each of the limits',
  async (id, look, seen) => {
    const { now } = new Clock();
    for (const limit of ['after=1000', 'p=0.000000001', 'repo=demo/other']) {
      const client = new TestClient({ now, faults: [`${id}:${limit}`], ...tempo });
      expect(await look(client), limit).not.toEqual(seen);
    }
  },
);

test('every fault is looked at, in the table or in another test of the mock', () => {
  const mocks = new URL('..', import.meta.url);
  const files = readdirSync(mocks, { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  const text = tests.map((file) => readFileSync(new URL(file, mocks), 'utf8')).join('\n');
  const seen = new Set(deviations.map(([id]) => id));
  // That the checks meet each legal oddity is for the kill matrix to see.
  const wrong = faults.filter(({ legal }) => legal === undefined);
  const others = wrong.map(({ id }) => id).filter((id) => !seen.has(id));
  expect(others.filter((id) => !text.includes(`'${id}'`))).toEqual([]);
});

/** The client of these tests logs in by the ping, and follows redirects to blobs and no others. */
function keepsHops({ id }: Fault): boolean {
  return !/^(?:blob|ping|token)-moved-|^ping-open$/.test(id);
}

describe('faults that are legal', () => {
  const legal = faults.filter((fault) => fault.legal !== undefined && keepsHops(fault));
  test.each(legal.map(({ id }) => id))('%s lets a blob through, whole', async (id) => {
    const client = new TestClient({ faults: [id], ...tempo });
    expect(await content(largeDigest, largeSize)(client)).toEqual([1, true]);
  });

  test('a relative redirect may keep the credentials of the registry', async () => {
    const client = new TestClient({ faults: ['redirect-relative'] });
    const location = String(await header('location', configPath)(client));
    const reply = await client.ask(location);
    expect(reply.status).toBe(200);
  });
});

test('faults work without a CDN too, where they can', async () => {
  const client = new TestClient({ redirect: 'none', faults: ['range-ignored'] });
  expect(await range('bytes=2-5')(client)).toEqual([200, largeSize]);
});

test('several faults at once all show', async () => {
  const both = ['manifest-head-no-type', 'manifest-head-no-length'];
  const client = new TestClient({ faults: both });
  const { headers } = await client.ask(top, head);
  expect([headers.get('content-type'), headers.get('content-length')]).toEqual([null, null]);
});

test('a fault harms only what it aims at', async () => {
  const client = new TestClient({ faults: ['blob-flipped-byte'] });
  expect(await content(small?.digest ?? '', small?.size ?? 0)(client)).toEqual([1, true]);
});

test('an unknown fault is refused, with the nearest name', () => {
  const make = () => createRegistry({ faults: ['redirect-lop'] });
  expect(make).toThrow(UserError);
  try {
    make();
  } catch (error) {
    expect(error).toMatchObject({ code: 'fault-unknown', exitCode: 2 });
    expect((error as UserError).hint).toContain('redirect-loop');
  }
});

test('the catalogue is in order', () => {
  const ids = faults.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const fault of faults) {
    const { id, title, seenIn, noticedBy, gap, legal } = fault;
    expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)+$/);
    expect(title).not.toBe('');
    for (const thread of seenIn) expect(thread).toMatch(/^[\w./-]+#\d+$/);
    expect(new Set(noticedBy).size).toBe(noticedBy.length);
    // Wrong and noticed, wrong and not noticed yet, or legal, which checks below MUST may notice.
    const kinds = [legal === undefined && noticedBy.length > 0, gap !== undefined, legal];
    expect(kinds.filter(Boolean).length, `${id} is noticed, has a gap, or is legal`).toBe(1);
    if (fault.layer === 'store') continue;
    const { instead, follow, change } = 'begin' in fault ? fault.begin() : fault;
    expect(instead ?? follow ?? change, `${id} does something`).toBeDefined();
  }
});
