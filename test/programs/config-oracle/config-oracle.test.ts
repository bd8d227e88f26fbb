// registries.conf beside the real programs: Debian's skopeo and podman, and the newest library as both use it, ask
// the hosts that our route names, in its order, for its paths; where we say that they end, they do.
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { testWith } from '../../lib/tools.ts';
import { fullNames, shortNames } from './cases.ts';
import { type Comparison, compare } from './compare.ts';
import { situations } from './grammar.ts';
import { type Program, programs, type Situation } from './programs.ts';

const toolsOf = ({ tool }: Program) => ['skopeo', 'namespaces', tool];

function expectAgreement({ route, asked, expected, code, output }: Comparison): void {
  expect(asked, `${output}\n${JSON.stringify(route, undefined, 1)}`).toEqual(expected);
  expect(code, output).not.toBe(0);
  // The program names the file that ended it.
  const [fatal] = route.problems.filter((it) => it.isFatal);
  if (fatal?.written.in.startsWith('/') && fatal.id !== 'registries-conf-rewrite') {
    expect(output).toContain(fatal.written.in);
  }
}

const isRoots = ({ uid = 0 }: Situation) => uid === 0;

// Much of it is waiting.
const concurrent = { concurrent: true };

describe.each(Object.entries<Program>(programs))('%s', concurrent, (_name, program) => {
  const looksUp = /podman/.test(program.client);
  const all = { ...fullNames, ...(looksUp ? shortNames : {}) };
  for (const [what, situation] of Object.entries(all)) {
    if (program.tool === 'podman' && !isRoots(situation)) continue;
    testWith(...toolsOf(program))(what, async () => {
      expectAgreement(await compare(program, situation));
    });
  }
});

describe('drawn from the grammar', concurrent, () => {
  const drawn = (program: Program, numRuns: number) => async () => {
    const property = fc.asyncProperty(situations, async (situation) => {
      const uid = program.tool === 'podman' ? 0 : (situation.uid ?? 0);
      expectAgreement(await compare(program, { ...situation, uid }));
    });
    await fc.assert(property, { numRuns, endOnFailure: true });
  };

  testWith(...toolsOf(programs.skopeo))('skopeo', drawn(programs.skopeo, 40));
  testWith(...toolsOf(programs.podman))('podman', drawn(programs.podman, 25));
  testWith(...toolsOf(programs.newestPodman))(
    'the newest library',
    drawn(programs.newestPodman, 50),
  );
});
