import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinTimelines } from './join.ts';
import { Records, timelineChunksOf } from './records.ts';
import { Timeline } from './timeline.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullproof-records-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function recordOf(at: number, lines: readonly string[]): string {
  const packed = gzipSync(`${lines.join('\n')}\n`);
  const sum = createHash('sha256').update(packed).digest('hex');
  return `pullproof-timeline ${at} ${sum} ${packed.toString('base64')}`;
}

/** What is read of a log, by its lines. */
function readBack(log: readonly string[]): string[] {
  const records = new Records();
  return [...log.flatMap((line) => [...records.take(line)]), ...records.end()].flat();
}

const isLine = (text: string) => text.startsWith('{');
/** Of a timeline; others tell that something is missing. */
const timelineLine = fc.string().map((text) => JSON.stringify({ text }));
const group = fc.array(timelineLine, { minLength: 1, maxLength: 5 });
const groups = fc.array(group, { minLength: 1, maxLength: 30 });
/** Between records, as k6 and what is in front of it write. */
const noise = fc.array(
  fc.oneof(fc.string(), fc.constant('time="2026" level=info msg="pullproof-timeline 1"')),
  { maxLength: 3 },
);

describe('records of a timeline in a log', () => {
  test('are read among other lines, once, in their order', () => {
    const drawn = fc.tuple(groups, fc.infiniteStream(noise), fc.infiniteStream(fc.nat(3)));
    fc.assert(
      fc.property(drawn, ([all, others, chance]) => {
        const log = all.map((lines, at) => recordOf(at + 1, lines));
        for (const [at, line] of log.entries()) {
          const { value } = chance.next();
          const other = log[at + 1];
          // Some stand behind the next one, some twice.
          if (value === 0 && other !== undefined) log.splice(at, 2, other, line);
          if (value === 1) log[at] = `${line}\n${line}`;
        }
        const lines = log.flatMap((line) => [...others.next().value, ...line.split('\n')]);
        expect(readBack(lines)).toEqual(all.flat());
      }),
    );
  });

  test('that are lost or damaged are missed, and the others stay', () => {
    fc.assert(
      fc.property(groups, fc.infiniteStream(fc.nat(5)), fc.nat(), (all, chance, place) => {
        const kept = all.map(() => chance.next().value > 1);
        const log = all.flatMap((lines, at) => {
          const record = recordOf(at + 1, lines);
          if (kept[at]) return [record];
          return place % 2 === 0 ? [] : [damaged(record, place)];
        });
        const read = readBack(log);
        expect(read.filter(isLine)).toEqual(all.filter((_, at) => kept[at]).flat());
        const hasGap = kept.lastIndexOf(true) > kept.indexOf(false) && kept.includes(false);
        expect(read.some((line) => !isLine(line))).toBe(hasGap);
      }),
    );
  });

  test('that are cut anywhere give what was before', () => {
    fc.assert(
      fc.property(groups, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const log = all.map((lines, at) => recordOf(at + 1, lines)).join('\n');
        const read = readBack(log.slice(0, Math.floor(log.length * share)).split('\n'));
        expect(all.flat().slice(0, read.length)).toEqual(read);
      }),
    );
  });

  test('of two runs are not one', () => {
    const read = readBack([recordOf(1, ['{"a":1}']), recordOf(1, ['{"b":1}'])]);
    expect(read.filter(isLine)).toEqual(['{"a":1}']);
    expect(read).toHaveLength(2);
  });

  test('are those of kubectl with prefix and times, too, and never what a message quotes', () => {
    const record = recordOf(1, ['{"a":1}']);
    for (const front of ['[pod/fleet-1-abc/k6] ', '2026-12-01T10:00:00.123456789Z ']) {
      expect(readBack([front + record])).toEqual(['{"a":1}']);
    }
    expect(readBack([`level=error msg="${record}"`, `error: ${record}`])).toEqual([]);
  });

  test('that unpack to more than there can be are refused', () => {
    expect(readBack([recordOf(1, ['x'.repeat(40 * 1024 * 1024)])])).toEqual([]);
  });
});

/** One character of its sum or content is another one, or its end is missing. */
function damaged(record: string, place: number): string {
  const start = record.indexOf(' ', 'pullproof-timeline '.length) + 1;
  const at = start + (place % (record.length - start - 4));
  if (place % 3 === 0) return record.slice(0, at);
  const other = record[at] === '0' ? '1' : '0';
  return record.slice(0, at) + other + record.slice(at + 1);
}

describe('a file of them', () => {
  const head = '{"schema":"pullproof/timeline/v1","startedAt":"2026-01-01T00:00:00.1Z"}';
  const pull = '{"t":1,"series":"metric","metric":"pull_ok","sum":1}';
  const end = '{"end":true,"t":2,"endMs":2000}';
  const log = [head, pull, end].map((line, at) => recordOf(at + 1, [line]));

  async function tallied(lines: readonly string[]) {
    const file = join(folder, 'runner-1.log');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const [tally] = await joinTimelines([file], new Timeline(), join(folder, 'joined'));
    return tally;
  }

  test('is joined as a timeline is, and not whole without one of them', async () => {
    expect(await tallied(log)).toMatchObject({ pullsOk: 1, whole: true });
    expect(await tallied([log[0] ?? '', log[2] ?? ''])).toMatchObject({ pullsOk: 0, whole: false });
    expect(await tallied(log.slice(0, 2))).toMatchObject({ pullsOk: 1, whole: false });
    expect(await tallied(['no record at all'])).toMatchObject({ pullsOk: 0, whole: false });
  });

  test('of another name is read as it is', async () => {
    const file = join(folder, 'runner-1.ndjson');
    writeFileSync(file, `${head}\n`);
    const read: string[] = [];
    for await (const lines of timelineChunksOf(file)) read.push(...lines);
    expect(read.join('')).toBe(head);
  });
});
