// What servers do in passing, wherever in the run it comes: in set-ups, retries and the clean-up too. A check
// is done anew where a server failed by itself, so what is healed so is told here, once and with its count.
import type { Stumble } from '../../../reports/results.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { expectThat } from '../kit/expect.ts';

type Row = Pick<Check, 'id' | 'section' | 'requirement' | 'why'> & {
  readonly kind: Stumble['kind'];
  readonly expected: string;
};

const rows: readonly Row[] = [
  {
    id: 'server-errors',
    kind: 'server-error',
    section: 'RFC 9110 section 15.6',
    requirement:
      'No request of the run is answered now and then by a 5xx, or, where it is for a token, without one.',
    why: 'One request in a hundred is every second pull of a large image: clients give up, or wait.',
    expected: 'no server that fails in passing',
  },
  {
    id: 'broken-connections',
    kind: 'connection',
    section: 'RFC 9112 section 8',
    requirement: 'No request of the run stays without a whole answer now and then.',
    why: 'Clients begin the layer, or the whole pull, anew; some of them give up.',
    expected: 'a whole answer to each request',
  },
  {
    id: 'set-up-refused',
    kind: 'set-up',
    section: 'distribution-spec/spec.md#endpoints',
    requirement:
      'What one check sees the registry do, it does as well where other checks begin with it.',
    why: 'The checks that begin with it judge nothing: what they are about may be broken as well.',
    expected: 'set-ups that are done as the checks about them say',
  },
];

export const wholeRunChecks: readonly Check[] = rows.map(
  ({ kind, expected, ...row }): Check => ({
    ...row,
    level: 'COMPAT',
    needs: [],
    judgesRun: true,
    *run({ facts }: CheckContext) {
      if (facts.stumbles === undefined) throw new Unsupported('the run did not come to its end');
      const found = facts.stumbles.filter((stumble) => stumble.kind === kind);
      expectThat(found.length === 0, expected, found.map(inWords).join('; '));
      return 'none';
    },
  }),
);

function inWords({ party, request, answer, count, checks }: Stumble): string {
  const where = checks.slice(0, checksShownMax).join(', ');
  const more = checks.length > checksShownMax ? ', …' : '';
  return `${count} × ${answer} from ${party} to ${request} (in ${where}${more})`;
}

const checksShownMax = 4;
