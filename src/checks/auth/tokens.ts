// docker-registry token.md: the challenge of the registry and the answers of its token server. The
// distribution spec leaves authentication open, so all of this is what clients expect (COMPAT).

import { asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { isDateTime } from '../../lib/rfc3339.ts';
import { parseChallenges } from '../../protocol/grammar/challenge.ts';
import { hostOf, resolveUri } from '../../protocol/grammar/uri.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { askAnonymously, askWith, manifestShape, overFreshConnections } from '../kit/ask.ts';
import { describe, expectReply, expectStatus, expectThat, fact, quote } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';
import {
  bearerOf,
  challengedBy,
  expectLifetime,
  givenStillRefused,
  isOpenSince,
  isServed,
  opens,
  requestToken,
  type TokenAnswer,
} from '../kit/tokens.ts';

/** Who ask for tokens side by side. */
const askersAtOnce = 4;

export const tokenChecks: readonly Check[] = [
  {
    id: 'token-challenge',
    level: 'COMPAT',
    section: 'docker-registry/token.md#how-to-authenticate',
    requirement:
      'A request that needs authentication is answered 401 with a challenge that says where to log in.',
    why: 'containerd, docker and Kubernetes log in from this header alone; they do not ping first.',
    needs: ['challenge'],
    covers: ['manifest-tag anonymous'],
    *run(context) {
      const exchange = yield* askAnonymously(context, manifestShape(context, context.reference));
      const { reply, request } = exchange;
      expectReply(reply);
      if (isOpenSince(context, exchange)) {
        return 'a challenge when the run began; that there is none since is for token-challenge-every';
      }
      if (reply.status === 200) return 'anyone may pull; only the ping asks for authentication';
      expectStatus(reply, 401);
      const value = reply.header('WWW-Authenticate');
      expectThat(value !== undefined, 'WWW-Authenticate', '401 without it');
      const challenges = parseChallenges(value);
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      const usable = bearer ?? challenges.find(({ scheme }) => scheme === 'basic');
      expectThat(usable !== undefined, 'a Bearer or Basic challenge', quote(value));
      if (bearer !== undefined) expectRealm(request.url, bearer.params.realm);
      return quote(value);
    },
  },
  {
    id: 'token-scope',
    level: 'COMPAT',
    section: 'docker-registry/token.md#how-to-authenticate',
    requirement:
      'The scope of the challenge is repository:<name>:<actions>, and pull is among them.',
    why: 'Clients ask for a token of exactly this scope; another one does not open the repository.',
    needs: ['bearer'],
    dependsOn: ['token-challenge', 'token-challenge-every'],
    covers: ['manifest-tag anonymous'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const exchange = yield* askAnonymously(context, shape);
      givenStillRefused(context, exchange);
      const { reply } = exchange;
      const bearer = bearerOf(reply);
      if (reply.status !== 401 || bearer === undefined) {
        throw notGiven(context, 'token-challenge', `${describe(reply)} without a Bearer challenge`);
      }
      const { scope } = bearer.params;
      expectThat(scope !== undefined, `scope="repository:${context.repository}:pull"`, 'no scope');
      const held = scope.split(' ').some((one) => opens(one, context.repository));
      expectThat(held, `repository:${context.repository}:pull`, `scope=${quote(scope)}`);
      return `scope=${quote(scope)}`;
    },
  },
  {
    id: 'token-reply',
    level: 'COMPAT',
    section: 'docker-registry/token.md#token-response-fields',
    requirement:
      'The token server answers with token or access_token, good for 60 seconds at least.',
    why: 'A token that runs out at once, or stands in another field, breaks pulls in the middle.',
    needs: ['bearer'],
    dependsOn: ['token-challenge'],
    covers: ['token second', 'token anonymous'],
    *run(context) {
      const { reply } = yield* requestToken(
        context,
        context.session(),
        challengedBy(context, fact(context.facts.challenged)),
      );
      expectStatus(reply, 200);
      const body = asObject(parseJson(reply.text));
      expectThat(body !== undefined, 'a JSON object', 'another body');
      expectTokenFields(body);
      if (body.expires_in === undefined)
        return 'a token that lives 60 seconds, as none else was said';
      return expectLifetime(body);
    },
  },
  {
    id: 'token-repeatable',
    level: 'COMPAT',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement: 'A token can be had again and again, and each one opens the repository.',
    why: 'Every layer, retry and parallel pull may ask for a token of its own.',
    needs: ['bearer', 'top'],
    dependsOn: ['token-reply'],
    covers: ['token second'],
    *run(context) {
      for (const time of ['a second', 'a third']) {
        const { reply, token } = yield* requestToken(
          context,
          context.session(),
          challengedBy(context, fact(context.facts.challenged)),
        );
        expectThat(reply.status === 200, `${time} token`, describe(reply));
        if (token === undefined) throw notGiven(context, 'token-reply', 'there is no token in it');
        const shape = manifestShape(context, context.reference);
        const opened = yield* askWith(context, shape, `Bearer ${token}`);
        const isOpen = isServed(opened.reply);
        expectThat(isOpen, `${time} token opens the repository`, describe(opened.reply));
      }
      return 'two more tokens, each opened the repository';
    },
  },
  {
    id: 'token-at-once',
    level: 'COMPAT',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement: `${askersAtOnce} who ask for a token at once each get one.`,
    why: 'Clients ask for a token for each layer, and a deployment begins on many machines at once.',
    needs: ['bearer', 'top'],
    dependsOn: ['token-reply'],
    covers: ['token at-once'],
    *run(context) {
      const challenged = challengedBy(context, fact(context.facts.challenged));
      const askers = Array.from({ length: askersAtOnce }, () =>
        requestToken(context, context.session(), challenged),
      );
      const answers: TokenAnswer[] = yield { parallel: askers, limit: askersAtOnce };
      for (const { reply, token } of answers) {
        expectThat(reply.status === 200, `status 200 to each of ${askersAtOnce}`, describe(reply));
        if (token === undefined) throw notGiven(context, 'token-reply', 'there is no token in it');
      }
      return `${answers.length} tokens`;
    },
  },
  {
    id: 'token-fresh',
    level: 'COMPAT',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement: 'A token can be had over a connection of its own, which is closed after it.',
    why: 'Docker and podman close each connection; what holds over kept ones alone fails for them.',
    needs: ['bearer', 'top'],
    dependsOn: ['token-reply'],
    covers: ['token fresh'],
    *run(context) {
      const challenged = challengedBy(context, fact(context.facts.challenged));
      const session = overFreshConnections(context.session());
      const { reply, token } = yield* requestToken(context, session, challenged);
      expectStatus(reply, 200);
      if (token === undefined) throw notGiven(context, 'token-reply', 'there is no token in it');
      return 'a token';
    },
  },
  {
    id: 'token-invalid',
    level: 'COMPAT',
    section: 'docker-registry/token.md#using-the-bearer-token',
    requirement: 'A token that is not valid is answered 401 with a challenge.',
    why: 'Only a 401 makes clients fetch a new token; 403 or 404 ends the pull when one expires.',
    needs: ['bearer', 'top'],
    dependsOn: ['token-challenge-every'],
    covers: ['manifest-tag anonymous'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const exchange = yield* askAnonymously(context, shape);
      givenStillRefused(context, exchange);
      const { reply: anonymous } = exchange;
      if (anonymous.status === 200) throw new Unsupported('anyone may pull without a token');
      for (const [what, token] of invalidTokens(context)) {
        const { reply } = yield* askWith(context, shape, `Bearer ${token}`);
        expectReply(reply);
        expectThat(reply.status === 401, `status 401 for ${what}`, `status ${reply.status}`);
        const again = bearerOf(reply) !== undefined;
        expectThat(again, `a challenge for ${what}`, '401 without a Bearer challenge');
      }
      return '401 with a challenge';
    },
  },
];

/** The realm must be where credentials may be sent: not in clear text, not to this machine's own cloud. */
function expectRealm(asked: string, realm: string | undefined): void {
  expectThat(realm !== undefined, 'a realm', 'a Bearer challenge without one');
  // A relative one works with us; Docker and containerd ask for it as it stands, which leads nowhere.
  const url = /^https?:\/\/[^/]/i.test(realm) ? resolveUri(asked, realm) : undefined;
  expectThat(url !== undefined, 'an http(s) URL as realm', `realm=${quote(realm)}`);
  const clear = asked.startsWith('https:') && !url.startsWith('https:');
  expectThat(!clear, 'an https realm, as the registry is https', `realm=${quote(realm)}`);
  // Where clouds hand out a machine's identity to whoever asks from inside.
  const host = hostOf(url);
  const linkLocal = /^(?:169\.254\.|\[fe[89ab][0-9a-f]:)/i.test(host) && host !== hostOf(asked);
  expectThat(!linkLocal, 'a realm that is no link-local address', `realm=${quote(realm)}`);
}

/** As Go reads RFC 3339: with capital letters, at most nanoseconds, and without leap seconds. */
function isRfc3339(value: unknown): boolean {
  return typeof value === 'string' && !/[tz]|:60|\.\d{10}/.test(value) && isDateTime(value);
}

function expectTokenFields(body: JsonObject): void {
  const { token, access_token: second } = body;
  const one = asString(token) || asString(second);
  expectThat(!!one, 'text in token or access_token', 'neither');
  const differ = !!asString(token) && !!asString(second) && token !== second;
  expectThat(!differ, 'the same in token and access_token', 'two different tokens');
  const visible = /^[\x21-\x7e]+$/.test(one);
  expectThat(visible, 'a token that fits into a header', 'blanks or control characters in it');
  // Docker and containerd read it into a time, and give up the whole reply where it is none.
  const { issued_at: issued } = body;
  const isTime = issued === undefined || isRfc3339(issued);
  expectThat(isTime, 'a time of RFC 3339 in issued_at', quote(JSON.stringify(issued) ?? 'none'));
}

/** One that was never a token and, if there is one, the session's own with its last part altered. */
function invalidTokens(context: CheckContext): readonly (readonly [string, string])[] {
  const invented = ['an invented token', `pullproof-${context.nonce}`] as const;
  const [scheme, token = ''] = context.session().authorization.split(' ');
  if (scheme !== 'Bearer' || token.length < 16) return [invented];
  const at = token.length - 8; // not the very end: its last bits may mean nothing in base64
  const altered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
  return [invented, ['an altered token', altered]];
}
