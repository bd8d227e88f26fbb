// Which login a client finds, beside the real programs: each shows the registry the user that our lookup finds, or
// comes as nobody, or ends before it asks, where our lookup says so.
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { findCredentials } from '../../../src/access/credentials/find-credentials.ts';
import { testWith } from '../../lib/tools.ts';
import {
  type Comparison,
  inSituation,
  type Program,
  programs,
  type Situation,
} from './situation.ts';
import { byHand, drawn } from './situations.ts';

async function expectAgreement(program: Program, situation: Situation): Promise<void> {
  await inSituation(program, situation, async (seen) => {
    const { shown, output, code } = seen;
    const { expected, found } = await expectedOf(program, seen);
    expect(shown, `${output}\n${JSON.stringify(found, undefined, 1)}`).toBe(expected);
    expect(code, output).not.toBe(0);
  });
}

/** '' where the program ends without asking. */
async function expectedOf({ client }: Program, { view, registry }: Comparison) {
  const wanted = { registry, repository: 'team/app' };
  const found = await findCredentials(wanted, client, view, {});
  const { credentials, problems } = found;
  if (credentials === undefined) {
    return { expected: problems.some(({ isFatal }) => isFatal) ? '' : 'nobody', found };
  }
  const { username, password, identityToken = '' } = credentials;
  if (identityToken !== '') return { expected: `refresh ${identityToken}`, found };
  const isNobody = username === '' || password === '';
  return { expected: isNobody ? 'nobody' : `${username}:${password}`, found };
}

/**
 * Beside DOCKER_AUTH_CONFIG crane reads the file as well: it ends at a bad entry there, and one for the whole
 * repository wins. Our lookup does not tell that.
 */
function isOfCraneAlone({ client }: Program, { variables }: Situation): boolean {
  return client === 'crane' && variables?.DOCKER_AUTH_CONFIG !== undefined;
}

/** Docker 20.10 takes what it had decoded before a bad entry, in an order that Go draws. */
const isDrawnByGo = ({ tool }: Program, what: string) =>
  tool === 'docker' && what === 'such an auth for another host';

// Much of it is waiting.
describe.each(Object.entries<Program>(programs))('%s', { concurrent: true }, (_name, program) => {
  for (const [what, situation] of Object.entries(byHand)) {
    if (isDrawnByGo(program, what)) continue;
    testWith(program.tool)(what, () => expectAgreement(program, situation));
  }

  testWith(program.tool)('whatever is drawn', async () => {
    const property = fc.asyncProperty(drawn, async (situation) => {
      fc.pre(!isOfCraneAlone(program, situation));
      await expectAgreement(program, situation);
    });
    const numRuns = program.tool === 'podman' ? 15 : 30;
    await fc.assert(property, { numRuns, endOnFailure: true });
  });
});
