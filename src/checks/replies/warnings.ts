// distribution-spec, "Warnings": the Warning headers of replies to a push and to reading it back.
import type { HttpReply } from '../../protocol/talk.ts';
import type { Check } from '../check.ts';
import { expectThat, quote } from '../kit/expect.ts';
import { pushReplies } from '../kit/push-replies.ts';

const section = 'distribution-spec/spec.md#warnings';
const warningBytesMax = 4096;
/** warn-code 299, warn-agent "-", warn-text, and no warn-date. */
const warning = /^299 - "(?:[^"\\]|\\.)*"$/;

export const warningChecks: readonly Check[] = [
  {
    id: 'warning-form',
    level: 'MUST',
    section,
    requirement: 'Each Warning header has code 299, agent "-", a quoted text and no date.',
    why: 'Clients that cannot read it show nothing, or the raw header.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const values = (yield* pushReplies(context, 'warning-form')).flatMap(warningsIn);
      for (const value of values) {
        expectThat(warning.test(value), '299 - "text"', `Warning: ${quote(value)}`);
      }
      return values.length === 0 ? 'no Warning' : `Warning: ${quote(values[0] ?? '')}`;
    },
  },
  {
    id: 'warning-size',
    level: 'MUST',
    section,
    requirement: `All Warning headers of one reply have at most ${warningBytesMax} bytes.`,
    why: 'Longer headers break proxies: then nothing works, for want of a warning.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      let most = 0;
      for (const reply of yield* pushReplies(context, 'warning-size')) {
        const bytes = warningsIn(reply).reduce((sum, value) => sum + value.length, 0);
        most = Math.max(most, bytes);
      }
      expectThat(most <= warningBytesMax, `${warningBytesMax} bytes at most`, `${most} bytes`);
      return `${most} bytes at most`;
    },
  },
];

/** The values of a reply, one for each line. */
function warningsIn({ headerLines }: HttpReply): string[] {
  return headerLines.flatMap(([name, value]) =>
    name.toLowerCase() === 'warning' ? value.split(/,\s*(?=\d{3} )/) : [],
  );
}
