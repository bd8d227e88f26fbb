// From the words of a user to the route of a client: which names, which hosts in which order, and what each is shown.
import type { HostView } from './host-view.ts';
import type { Route } from './route.ts';

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
  _text: string,
  _client: string,
  _host: HostView,
  _flags: AccessFlags,
): Promise<Route> {
  throw new Error('not yet');
}
