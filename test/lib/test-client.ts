// What the tests of the mock ask with: one method per kind of request, tokens fetched as challenged.
// Not a client to copy: it trusts the mock.

import { createRegistry, type MockRegistry, type RegistryOptions } from '../../mocks/index.ts';
import { parseChallenges } from '../../src/protocol/grammar/challenge.ts';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leave out the token. */
  readonly anonymous?: boolean;
  readonly body?: string | Uint8Array;
}

const hopsMax = 4;

export class TestClient {
  readonly registry: MockRegistry;
  readonly #tokens = new Map<string, string>();

  constructor(options: RegistryOptions = {}) {
    this.registry = createRegistry(options);
  }

  /** Any URL as it is. */
  fetch(url: string, ask: Ask = {}): Promise<Response> {
    const { method = 'GET', headers = {}, body } = ask;
    const init = { method, headers, redirect: 'manual', ...(body !== undefined && { body }) };
    return this.registry.fetch(new Request(url, init as RequestInit));
  }

  /** One request to the registry, with a token for the path's repository; a redirect is the answer. */
  async ask(path: string, ask: Ask = {}): Promise<Response> {
    const token = ask.anonymous === true ? '' : await this.#tokenFor(path);
    const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
    const headers = { ...authorization, ...ask.headers };
    return this.fetch(this.registry.origins.registry + path, { ...ask, headers });
  }

  /** A blob of demo/app, redirects followed without credentials. */
  async blob(digest: string, ask: Ask = {}): Promise<Response> {
    const path = `/v2/demo/app/blobs/${digest}`;
    let reply = await this.ask(path, ask);
    for (let hop = 0; hop < hopsMax; hop++) {
      const location = reply.headers.get('location');
      if (location === null) break;
      reply = await this.fetch(new URL(location, this.registry.origins.registry).href, ask);
    }
    return reply;
  }

  /** The token endpoint, by GET. */
  token(query: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.fetch(`${this.registry.origins.token}/token?${query}`, { headers });
  }

  async #tokenFor(path: string): Promise<string> {
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? '';
    const known = this.#tokens.get(repository);
    if (known !== undefined) return known;
    const ping = await this.fetch(`${this.registry.origins.registry}/v2/`);
    const challenges = parseChallenges(ping.headers.get('www-authenticate') ?? '');
    const challenge = challenges.find(({ scheme }) => scheme === 'bearer');
    if (challenge === undefined) return '';
    const query = new URLSearchParams({ service: challenge.params.service ?? '' });
    query.set('scope', `repository:${repository}:pull`);
    const reply = await this.token(query.toString());
    const said = (await reply.json()) as { token?: string; access_token?: string };
    const token = said.token ?? said.access_token ?? '';
    this.#tokens.set(repository, token);
    return token;
  }
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A clock that stands still until it is moved. */
export class Clock {
  ms = Date.UTC(2026, 2, 1, 12);
  readonly now = (): number => this.ms;

  forward(seconds: number): void {
    this.ms += seconds * 1000;
  }
}
