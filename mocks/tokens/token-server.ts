// The token server: exchanges credentials, or none, for a Bearer token by GET (docker-registry token.md)
// or by the OAuth2 form (oauth.md). Decides who may do what; the registry only believes its tokens.
import { type Call, errorReply, jsonReply, type Reply } from '../call.ts';
import { Fields } from '../registry/query.ts';
import { actionsOf, isUser, type Site } from '../site.ts';
import { type Access, formatScopes, grantScopes, type Mint } from './tokens.ts';

/** Path of the endpoint on the token server's origin. */
export const tokenPath = '/token';

export class TokenServer {
  readonly #site: Site;
  readonly #mint: Mint;

  constructor(site: Site, mint: Mint) {
    this.#site = site;
    this.#mint = mint;
  }

  answer(call: Call): Reply {
    if (call.path !== tokenPath) return errorReply(404, 'UNSUPPORTED', 'no such endpoint');
    if (call.method === 'GET' || call.method === 'HEAD') return this.#answerGet(call);
    if (call.method === 'POST') return this.#answerForm(call);
    const allow = [['Allow', 'GET, HEAD, POST']] as const;
    return errorReply(405, 'UNSUPPORTED', 'tokens are asked for by GET or POST', allow);
  }

  #answerGet(call: Call): Reply {
    const query = new Fields(call.query);
    const service = query.one('service');
    if (service === undefined) return errorReply(400, 'DENIED', 'the service is not named');
    const authorization = call.header('authorization');
    if (authorization !== undefined && !isUser(this.#site, authorization)) return this.#refuse();
    const subject = authorization === undefined ? '' : this.#site.username;
    const access = this.#grant(query.all('scope'), subject);
    const token = this.#issue(service, subject, access);
    const offline = query.one('offline_token') === 'true' && subject !== '';
    return this.#reply({
      ...Object.fromEntries(this.#site.tokenFields.map((name) => [name, token])),
      ...(offline && { refresh_token: this.#issueRefresh(service, subject) }),
    });
  }

  #answerForm(call: Call): Reply {
    const form = new Fields(call.form);
    const service = form.one('service');
    if (service === undefined || form.one('client_id') === undefined) {
      return errorReply(400, 'DENIED', 'service and client_id are needed');
    }
    const grantType = form.one('grant_type');
    if (grantType !== 'password' && grantType !== 'refresh_token') {
      return errorReply(400, 'UNSUPPORTED', 'grant_type must be password or refresh_token');
    }
    const refresh = form.one('refresh_token');
    const { username, password } = this.#site;
    const isKnown =
      grantType === 'password'
        ? form.one('username') === username && form.one('password') === password
        : this.#isRefresh(refresh ?? '', service);
    if (!isKnown) return this.#refuse();
    const access = this.#grant(form.all('scope'), username);
    const offline = form.one('access_type') === 'offline';
    const next = grantType === 'refresh_token' ? refresh : this.#issueRefresh(service, username);
    return this.#reply({
      access_token: this.#issue(service, username, access),
      scope: formatScopes(access),
      ...(offline && { refresh_token: next }),
    });
  }

  #grant(scopes: readonly string[], subject: string): Access[] {
    return grantScopes(scopes, (repository) => actionsOf(this.#site, subject, repository));
  }

  #issue(audience: string, subject: string, access: readonly Access[]): string {
    const expiresAt = this.#site.now() + this.#site.tokenTtlSeconds * 1000;
    return this.#mint.issue({ kind: 'access', subject, audience, access, expiresAt });
  }

  #issueRefresh(audience: string, subject: string): string {
    return this.#mint.issue({ kind: 'refresh', subject, audience, access: [], expiresAt: 0 });
  }

  #isRefresh(token: string, service: string): boolean {
    const claims = this.#mint.read(token);
    return claims?.kind === 'refresh' && claims.audience === service;
  }

  #reply(fields: object): Reply {
    const lifetime = {
      // A whole number, as clients read it, and none that promises more than is kept.
      expires_in: Math.max(1, Math.floor(this.#site.tokenTtlSeconds)),
      issued_at: new Date(this.#site.now()).toISOString(),
    };
    return jsonReply(200, { ...fields, ...lifetime }, [['Cache-Control', 'no-store']]);
  }

  #refuse(): Reply {
    const challenge = [['WWW-Authenticate', `Basic realm="${this.#site.service}"`]] as const;
    return errorReply(401, 'UNAUTHORIZED', 'the credentials are not known', challenge);
  }
}
