// From the words of a user to the route of a client: which names, which hosts in which order, and what each is shown.

import { plainRouteAsWritten, readImage } from './as-written.ts';
import type { HostView } from './host-view.ts';
import { findProxy } from './proxies.ts';
import type { Endpoint, FoundCredentials, PlainEndpoint, Route, Trust, Written } from './route.ts';

/** What flags say; they win over files and variables. */
export interface AccessFlags {
  readonly authfile?: string | undefined;
  /** A Kubernetes Secret. */
  readonly pullSecret?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts. */
  readonly ca?: readonly string[] | undefined;
  readonly insecure?: boolean | undefined;
  readonly plainHttp?: boolean | undefined;
}

/**
 * How the client of this profile gets at the image on that host.
 * @throws UserError (exit 2) for a text that is no image, and for flags that cannot be read
 */
export async function resolveRoute(
  text: string,
  client: string,
  host: HostView,
  flags: AccessFlags,
): Promise<Route> {
  const image = readImage(text, flags.plainHttp === true);
  const plain = plainRouteAsWritten(image, client);
  const candidates = await Promise.all(
    plain.candidates.map(async (candidate) => ({
      ...candidate,
      endpoints: await Promise.all(
        candidate.endpoints.map((endpoint) => equipped(endpoint, client, host, flags)),
      ),
    })),
  );
  return { ...plain, candidates };
}

/** The endpoint with all that is shown to it. */
async function equipped(
  plain: PlainEndpoint,
  client: string,
  host: HostView,
  flags: AccessFlags,
): Promise<Endpoint> {
  return {
    ...plain,
    credentials: credentialsOf(flags),
    trust: trustOf(plain, flags),
    proxy: findProxy(plain.url, client, host),
  };
}

function credentialsOf({ username, password }: AccessFlags): FoundCredentials {
  if (username === undefined) return { looked: [], problems: [] };
  return {
    credentials: { username, password: password ?? '' },
    written: flag('--username'),
    looked: [],
    problems: [],
  };
}

function trustOf({ insecure }: PlainEndpoint, flags: AccessFlags): Trust {
  const unverified = flags.insecure === true ? flag('--insecure') : insecure;
  return {
    ...(unverified !== undefined && { unverified }),
    ca: (flags.ca ?? []).map((pem) => ({ pem, written: flag('--ca') })),
    looked: [],
    problems: [],
  };
}

function flag(name: string): Written {
  return { in: name, line: 0 };
}
