// Known programs that stand before a registry and take no pushes, as stand-ins: what each answers in place of
// the mock's sound registry, which is behind it. Facts are of their sources, by name in each file.
import type { Call, Reply } from '../call.ts';
import type { Registry } from '../registry/registry.ts';
import type { Route } from '../registry/route.ts';
import type { AuthKind, Site } from '../site.ts';

/** A call to the front, and what is behind it. */
export interface FrontScene {
  readonly call: Call;
  readonly route: Route;
  readonly site: Site;
  /** Sound, and asked for no credentials that the front does not ask for. */
  readonly registry: Registry;
}

export interface Front {
  /** What it demands, and what the registry behind it does; undefined: as the user says. */
  readonly auth?: AuthKind;
  /** How blobs are served; undefined: as the user says. */
  readonly redirect?: Site['redirect'];
  /** Whether it sends clients to the registry behind it, which then answers under the CDN's origin. */
  readonly isRedirector?: true;
  answer(scene: FrontScene): Reply;
}

/** What the mock can stand in for. */
export const frontNames = ['archeio', 'spegel', 'pull-through'] as const;
export type FrontName = (typeof frontNames)[number];
