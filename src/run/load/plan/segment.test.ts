import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../lib/user-error.ts';
import { parseK6Segment, parseSegment, partsOf, refuseEmptyShares, shareName } from './segment.ts';

const quarters = '0,1/4,1/2,3/4,1';

describe('segments', () => {
  test('K/N is the Kth of N equal shares', () => {
    expect(parseSegment('1/4')).toEqual({ part: '0:1/4', of: quarters, share: 0.25 });
    expect(parseSegment('2/4')).toEqual({ part: '1/4:1/2', of: quarters, share: 0.25 });
    expect(parseSegment('1/1')).toEqual({ part: '0:1', of: '0,1', share: 1 });
  });

  test.each(['1/4:1/2', '25%:50%', '0.25:0.5', '2/8:50%'])('k6 words %s', (text) => {
    expect(parseSegment(text)).toEqual(parseSegment('2/4'));
    expect(parseSegment(text, quarters)).toEqual(parseSegment('2/4'));
  });

  test('as k6 reads its variables, one value is where the first segment ends', () => {
    expect(parseK6Segment('1/2').part).toBe('0:1/2');
    expect(parseK6Segment('2/4').part).toBe('0:1/2');
    expect(parseSegment('20%').of).toBe('0,1/5,2/5,3/5,4/5,1');
  });

  test('unequal shares need their sequence', () => {
    expect(parseSegment('1/10:1', '0,10%,1')).toMatchObject({ part: '1/10:1', of: '0,1/10,1' });
    expect(() => parseSegment('1/10:1')).toThrow(UserError);
  });

  test.each([
    ['0/4'],
    ['5/4'],
    ['1/0'],
    ['1/1001'],
    ['x'],
    [''],
    ['1/2:1/4'],
    ['1/2:1/2'],
    ['1/2:3/2'],
    ['0:1/4:1/2'],
    ['-1:1/2'],
    ['1/4', quarters],
    ['0:1/4', '0,1/2,1'],
    ['0:1/2', '0,1/4,1/2,1'],
    ['0:1/2', '0,1/2'],
    ['0:1/2', '1/2,1'],
    ['0:1/2', '0,1/2,1/4,1'],
    ['0:1/2', '0,half,1'],
    ['0:1/9973', '0,1/9973,1/9967,1'],
  ] as [string, string?][])('refuses %s %s', (text, sequence) => {
    expect(() => parseSegment(text, sequence)).toThrow(UserError);
  });

  test('the parts of a sequence follow each other, and are what its segments are called', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
        const all = Array.from({ length: count }, (_, at) => parseSegment(`${at + 1}/${count}`));
        expect(new Set(all.map(({ of }) => of)).size).toBe(1);
        expect(all.map(({ part }) => part)).toEqual(partsOf(all[0]!));
        expect(all.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        for (const { part, of, share } of all.slice(0, 20)) {
          expect(parseSegment(part, of)).toEqual({ part, of, share });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('whatever is typed is a segment or a clear refusal', () => {
    const typed = fc.stringMatching(/^[0-9:/%.,]{0,12}$/);
    fc.assert(
      fc.property(typed, fc.option(typed, { nil: undefined }), (text, sequence) => {
        try {
          const { part, of } = parseSegment(text, sequence);
          expect(partsOf({ of })).toContain(part);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  const vus = (users: number) =>
    ({ shape: { kind: 'vus', vus: users, durationSeconds: 1 } }) as const;

  test('no share is left without a virtual user', () => {
    expect(() => refuseEmptyShares(parseSegment('1/4'), vus(4))).not.toThrow();
    expect(() => refuseEmptyShares(parseSegment('1/4'), vus(3))).toThrow(UserError);
    expect(() => refuseEmptyShares(parseSegment('0:1/10', '0,1/10,1'), vus(9))).toThrow(UserError);
    expect(() => refuseEmptyShares(parseSegment('1/3'), vus(3))).not.toThrow();
  });

  test('shared are the virtual users of k6, of which one may play several users', () => {
    const [of100, of101] = [vus(100), vus(101)];
    expect(() => refuseEmptyShares(parseSegment('1/60'), of100)).not.toThrow();
    expect(() => refuseEmptyShares(parseSegment('1/60'), of101)).toThrow(UserError);
    const herd = { shape: { kind: 'herd', vus: 150, durationSecondsMax: 1 } } as const;
    expect(() => refuseEmptyShares(parseSegment('1/75'), herd)).not.toThrow();
    expect(() => refuseEmptyShares(parseSegment('1/76'), herd)).toThrow(UserError);
  });

  test('the advice is one that the shape takes', () => {
    const adviceFor = (plan: Parameters<typeof refuseEmptyShares>[1]) => {
      try {
        refuseEmptyShares(parseSegment('1/4'), plan);
      } catch (error) {
        return (error as UserError).hint;
      }
      return '';
    };
    const counted = { kind: 'iterations', vus: 1, durationSecondsMax: 9 } as const;
    expect(adviceFor({ shape: { ...counted, name: 'smoke', iterations: 1 } })).toMatch(
      /leave out .* --iterations 4 --vus 4/,
    );
    expect(adviceFor({ shape: { ...counted, iterations: 2 } })).toContain('--iterations 4');
    expect(adviceFor(vus(3))).toContain('--vus 4');
    const pushes = { ...vus(8), push: { vus: 2 } };
    expect(adviceFor(pushes)).toContain('push.vus');
  });

  test('a share of equal ones is named as it is given', () => {
    expect(shareName('1/2:3/4', parseSegment('1/4'))).toBe('3/4');
    expect(shareName('0:1/3', parseSegment('2/3'))).toBe('1/3');
    expect(shareName('1/4:1', parseSegment('0:1/4', '0,1/4,1'))).toBe('1/4:1');
  });
});
