// The mock in process: a registry, its token server and its CDN that any client can be tested against,
// through its own fetch or through MSW. Over HTTP it is server.ts.
import { createRequire } from 'node:module';
import { UserError } from '../src/lib/user-error.ts';
import type { CdnKeys } from './cdn/signature.ts';
import { fetchFromMock } from './fetch.ts';
import type { SeededImage } from './images.ts';
import { Mock, type MockOptions } from './mock.ts';
import type { Origins } from './site.ts';
import type { Store } from './store.ts';

export { type ImageOptions, type ImageSet, readImages } from './images.ts';
export type { MockOptions } from './mock.ts';

export interface RegistryOptions extends MockOptions {
  /** `scheme://host[:port]` of each server, default https://{registry,auth,cdn}.test. */
  readonly origins?: Partial<Origins> | undefined;
}

export interface MockRegistry {
  /** Answers requests to the three origins; rejects for other hosts, as fetch does. */
  fetch(request: Request): Promise<Response>;
  /** What can be pulled. */
  readonly images: readonly SeededImage[];
  /** The user who may do everything; pulling needs none with `auth: 'bearer'`. */
  readonly username: string;
  readonly password: string;
  readonly origins: Origins;
  /** What checks the signatures of the CDN's URLs. */
  readonly keys: CdnKeys;
  /** To put more content in, or to look at what is there. */
  readonly store: Store;
}

/** @throws UserError `fault-unknown` */
export function createRegistry(options: RegistryOptions = {}): MockRegistry {
  const origins = {
    registry: 'https://registry.test',
    token: 'https://auth.test',
    cdn: 'https://cdn.test',
    ...options.origins,
  };
  const mock = new Mock(origins, options);
  const { images, username, password, keys, store } = mock;
  const fetch = (request: Request) => fetchFromMock(mock, request);
  return { fetch, images, username, password, origins, keys, store };
}

/** Of MSW, for those who have it: it is no dependency of the rest. */
export type RequestHandler = import('msw').RequestHandler;

/**
 * MSW request handlers, for `setupServer(...registryHandlers(registry))`.
 * @throws UserError `msw-missing` where MSW is not installed
 */
export function registryHandlers(registry: MockRegistry): RequestHandler[] {
  const { origins } = registry;
  const { http } = msw();
  const distinct = new Set([origins.registry, origins.token, origins.cdn]);
  return [...distinct].map((origin) =>
    http.all(`${origin}/*`, ({ request }) => registry.fetch(request)),
  );
}

/** Loaded when handlers are asked for. */
function msw(): typeof import('msw') {
  try {
    return createRequire(import.meta.url)('msw');
  } catch (error) {
    const { message } = error as Error;
    const hint = 'Install it beside pullproof: npm install --save-dev msw';
    throw new UserError('msw-missing', `MSW 3 cannot be loaded: ${message.split('\n')[0]}`, hint);
  }
}
