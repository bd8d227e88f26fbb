// Who may do what: reads the credentials of each request and says what is missing (RFC 7235, and
// token.md and scope.md of Docker's registry). Issues nothing: tokens come from token-server.ts.
import { type CallHead, errorReply, type Reply } from '../call.ts';
import { actionsOf, isUser, type Site } from '../site.ts';
import { tokenPath } from '../tokens/token-server.ts';
import { type Access, type Claims, formatScopes, type Mint } from '../tokens/tokens.ts';

export class Authorizer {
  readonly #site: Site;
  readonly #mint: Mint;

  constructor(site: Site, mint: Mint) {
    this.#site = site;
    this.#mint = mint;
  }

  /** The 401 to a request that may not have all that it needs; undefined when it may. */
  refuse(call: CallHead, needs: readonly Access[]): Reply | undefined {
    const { auth, service } = this.#site;
    if (auth === 'none') return undefined;
    if (auth === 'basic') {
      if (isUser(this.#site, call.header('authorization') ?? '')) return undefined;
      return challenge(`Basic realm="${service}"`, needs);
    }
    const token = tokenOf(call);
    if (token === undefined) return challenge(this.#bearer(call, needs), needs);
    const claims = this.#claims(token);
    if (claims === undefined) {
      return challenge(`${this.#bearer(call, needs)},error="invalid_token"`, needs);
    }
    if (needs.every((need) => this.#holds(claims, need))) return undefined;
    return challenge(`${this.#bearer(call, needs)},error="insufficient_scope"`, needs);
  }

  /** Whether the request's credentials let it pull from another repository than its own. */
  mayPull(call: CallHead, repository: string): boolean {
    return (
      this.refuse(call, [{ type: 'repository', name: repository, actions: ['pull'] }]) === undefined
    );
  }

  /** Whether a list of all repositories shows this one. */
  mayList(call: CallHead, repository: string): boolean {
    if (this.#site.auth !== 'bearer') return true;
    const subject = this.#claims(tokenOf(call) ?? '')?.subject ?? '';
    return actionsOf(this.#site, subject, repository).includes('pull');
  }

  #claims(token: string): Claims | undefined {
    const claims = this.#mint.read(token);
    return claims?.kind === 'access' && claims.audience === this.#site.service ? claims : undefined;
  }

  #holds({ access, subject }: Claims, need: Access): boolean {
    const granted = access.find(({ type, name }) => type === need.type && name === need.name);
    if (granted === undefined) return false;
    // The token may be older than the repository.
    const isOpen = need.type === 'registry' || actionsOf(this.#site, subject, need.name).length > 0;
    return isOpen && need.actions.every((action) => granted.actions.includes(action));
  }

  #bearer(call: CallHead, needs: readonly Access[]): string {
    const { origins, service } = this.#site;
    // A registry that is its own token server is asked under the name that the client used.
    const origin = origins.token === origins.registry ? call.origin : origins.token;
    const scope = needs.length === 0 ? '' : `,scope="${formatScopes(needs)}"`;
    return `Bearer realm="${origin}${tokenPath}",service="${service}"${scope}`;
  }
}

function tokenOf(call: CallHead): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(call.header('authorization') ?? '')?.[1];
}

function challenge(value: string, needs: readonly Access[]): Reply {
  const message = 'credentials or a token are needed';
  const [first] = needs;
  const detail = first === undefined ? undefined : { name: first.name, actions: first.actions };
  return errorReply(401, 'UNAUTHORIZED', message, [['WWW-Authenticate', value]], detail);
}
