// distribution-spec, "Determining Support": GET /v2/.
import type { HttpReply } from '../../protocol/talk.ts';
import { type Check, Unsupported } from '../check.ts';
import { ask, askAnonymously, headOf, pingShape } from '../kit/ask.ts';
import { expectReply, expectStatus, expectThat } from '../kit/expect.ts';

const section = 'distribution-spec/spec.md#determining-support';

export const pingChecks: readonly Check[] = [
  {
    id: 'ping',
    level: 'MUST',
    section,
    requirement: 'GET /v2/ answers 200 to a client that has authenticated as the registry asks.',
    why: 'Every client decides by this request whether it talks to a registry, and how to log in.',
    needs: [],
    covers: ['ping first', 'ping anonymous', 'ping token'],
    *run(context) {
      const { reply } = yield* askAnonymously(context, pingShape);
      const challenge = reply.header('WWW-Authenticate') ?? '';
      if (reply.status === 401 && !/bearer/i.test(challenge) && !context.credentials) {
        throw needsLogin(reply);
      }
      const { last } = yield* ask(context, pingShape);
      // Who was not asked for credentials lacks none: 403 is a refusal then.
      const isDenied = last.status === 401 || (last.status === 403 && reply.status === 401);
      if (isDenied && !context.credentials) throw needsLogin(last);
      expectStatus(last, 200);
      return reply.status === 401 ? '401 with a challenge, then 200' : '200';
    },
  },
  {
    id: 'ping-head-agrees',
    level: 'COMPAT',
    section,
    requirement: 'HEAD /v2/ answers with the same status as GET /v2/.',
    why: 'Some clients and health probes ping by HEAD, and take another status for "no registry".',
    needs: [],
    covers: ['ping-head anonymous'],
    *run(context) {
      const get = yield* askAnonymously(context, pingShape);
      const head = yield* askAnonymously(context, headOf(pingShape));
      expectReply(head.reply);
      const { status } = get.reply;
      expectThat(head.reply.status === status, `status ${status}`, `status ${head.reply.status}`);
      return `both ${status}`;
    },
  },
];

/** spec.md, "Determining Support": this endpoint may be used for authorization, which is outside of the spec. */
function needsLogin({ status }: HttpReply): Unsupported {
  return new Unsupported(`the registry asks for credentials here (${status}), and none were given`);
}
