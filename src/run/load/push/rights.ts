// Before a run with pushes: whether these credentials may push there. Hours of a fleet's load are worth little
// when none of its pushes was ever allowed.
import { UserError } from '../../../lib/user-error.ts';
import type { ClientProfile } from '../../../protocol/client.ts';
import { PullFailure } from '../../../protocol/failure.ts';
import { tryPush } from '../../../protocol/talks/push.ts';
import type { Access, RunContext } from '../../context.ts';
import type { Image } from '../../target.ts';
import { ticking } from '../../ticking.ts';
import { unreachable } from '../../unreachable.ts';
import { withDriver } from '../../with-driver.ts';

/** Who may not push, where there is nothing to push to, and what takes no pushes at all. */
const refusals: readonly number[] = [401, 403, 404, 405];

/** @throws UserError (exit 3) when nothing can be pushed; what else fails is for the load to count */
export async function refuseWithoutRights(
  { registry, registryUrl, repository, credentials }: Image,
  client: ClientProfile,
  access: Access,
  context: RunContext,
): Promise<void> {
  const where = `${registry}/${repository}`;
  const line = () => `asking whether ${where} takes pushes`;
  await ticking(context, line, () =>
    withDriver(access, context.signal, async (driver) => {
      try {
        await driver.run(tryPush({ registryUrl, repository, client, credentials }));
      } catch (error) {
        if (!(error instanceof PullFailure)) throw error;
        if (context.signal.aborted) return;
        error.message = driver.redactor.text(error.message);
        const problem = unreachable(error) ?? refusalOf(error, where, credentials?.username);
        if (problem !== undefined) throw problem;
      }
    }),
  );
}

function refusalOf(
  { status, hop, message }: PullFailure,
  where: string,
  user: string | undefined,
): UserError | undefined {
  if (hop === 'edge' || !refusals.includes(status)) return undefined;
  const isNoPlace = status === 404 || status === 405;
  const who = user === undefined ? 'no credentials are given' : `the user ${user} has it not`;
  const refused = `the right to push to ${where} is missing: ${who}`;
  const missing =
    (status === 404 && `there is no repository ${where} to push to`) ||
    (status === 405 && `${where} takes no pushes: a mirror, or a registry in read-only mode`) ||
    refused;
  return new UserError(
    'push-refused',
    `${missing} (${message})`,
    isNoPlace
      ? 'Name another repository in push.repository of the plan, or make this one.'
      : 'Give --username NAME --password-stdin or --authfile FILE of who may push there, or name another repository in push.repository.',
    3,
  );
}
