// docker-registry oauth.md: tokens by the form of OAuth2, for servers that take it. Outside the
// distribution spec, so this is what clients expect (COMPAT).

import { asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { askWith, type Exchange, manifestShape } from '../kit/ask.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';
import { expectLifetime, isServed, requestByForm, requestByRefresh } from '../kit/tokens.ts';

const section = 'docker-registry/oauth.md#response-fields';

const rows: readonly Omit<Check, 'level' | 'needs'>[] = [
  {
    id: 'token-form-reply',
    section,
    requirement: 'The form is answered with an access_token, and that opens the repository.',
    why: 'containerd and docker with credentials ask by the form first, and read this field alone.',
    dependsOn: ['manifest-by-tag', 'token-challenge'],
    *run(context) {
      const { reply } = yield* requestByForm(context);
      expectStatus(reply, 200);
      const token = asString(asObject(parseJson(reply.text))?.access_token) ?? '';
      const isUsable = /^[\x21-\x7e]+$/.test(token);
      expectThat(isUsable, 'access_token, fit for a header', quote(token && 'another text'));
      yield* expectOpen(context, token, 'the token');
      return 'a token that opens the repository';
    },
  },
  {
    id: 'token-form-scope',
    section,
    requirement: 'The reply to the form says in scope what the token opens.',
    why: 'It may be less than was asked for; the client learns it here, not from a failed push.',
    dependsOn: ['token-form-reply'],
    *run(context) {
      const { scope } = yield* givenForm(context);
      const actual = `scope: ${quote(JSON.stringify(scope) ?? 'none')}`;
      const isSaid = typeof scope === 'string' && scope.includes(`:${context.repository}:`);
      expectThat(isSaid, `a scope with ${context.repository}`, actual);
      return actual;
    },
  },
  {
    id: 'token-form-lifetime',
    section,
    requirement:
      'The reply to the form says in expires_in how long the token lives: 60 seconds at least.',
    why: 'Clients keep the token for that time; without it they ask anew for every layer.',
    dependsOn: ['token-form-reply'],
    *run(context) {
      return expectLifetime(yield* givenForm(context));
    },
  },
  {
    id: 'token-form-refresh',
    section: 'docker-registry/oauth.md#refresh-token-format',
    requirement: 'A refresh token brings a token again and again, and each opens the repository.',
    why: 'Docker stores the refresh token of a login in place of the password.',
    dependsOn: ['manifest-by-tag', 'token-challenge'],
    *run(context) {
      const { reply } = yield* requestByForm(context, { access_type: 'offline' });
      const refresh = asString(asObject(parseJson(reply.text))?.refresh_token) ?? '';
      if (refresh === '') throw new Unsupported('the token server gives no refresh tokens');
      for (const time of ['first', 'second']) {
        const exchange = yield* requestByRefresh(context, refresh);
        const what = `the ${time} token of a refresh token`;
        expectThat(exchange.reply.status === 200, what, describe(exchange.reply));
        const token = asString(asObject(parseJson(exchange.reply.text))?.access_token) ?? '';
        yield* expectOpen(context, token, what);
      }
      return 'two tokens of one refresh token, each opened the repository';
    },
  },
];

// A run that pushes has credentials, without which nobody can send the form.
export const tokenFormChecks: readonly Check[] = rows.map(
  (row): Check => ({ ...row, level: 'COMPAT', needs: ['push', 'bearer', 'top'] }),
);

/** The reply to the form. @throws Void where there is none, which token-form-reply judges */
function* givenForm(context: CheckContext): Talk<JsonObject> {
  const { reply }: Exchange = yield* requestByForm(context);
  const body = reply.status === 200 ? asObject(parseJson(reply.text)) : undefined;
  if (body === undefined) throw notGiven(context, 'token-form-reply', describe(reply));
  return body;
}

function* expectOpen(context: CheckContext, token: string, what: string): Talk<void> {
  const shape = manifestShape(context, context.reference);
  const { reply } = yield* askWith(context, shape, `Bearer ${token}`);
  // Trouble of the registry's own is no fault of the token.
  if (reply.status === 0 || reply.status >= 500) {
    throw notGiven(context, 'manifest-by-tag', describe(reply));
  }
  expectThat(isServed(reply), `${what} opens the repository`, describe(reply));
}
