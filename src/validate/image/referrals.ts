// Who refers to what in an image: a finding in one config of a hundred has to be traced to its tag and
// platform.

import type { ReferredBy } from '../../../reports/results.ts';
import { refNameKey } from '../../formats/oci-layout.ts';
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { maskUrls } from '../secrets.ts';

const wordCharsMax = 128;

/** What is known of all that lies below a document. */
export interface Way {
  readonly tag?: string | undefined;
  readonly platform?: string | undefined;
}

export class Referrals {
  readonly #byDigest = new Map<string, ReferredBy>();

  /** A descriptor at `pointer` of the document `path`; with `leads` it is what counts, though not the first. */
  add(digest: string, path: string, pointer: string, { tag, platform }: Way, leads = false): void {
    const known = this.#byDigest.get(digest);
    if (known !== undefined && !leads) {
      known.others++;
      return;
    }
    this.#byDigest.set(digest, {
      path,
      pointer,
      ...(tag !== undefined && { tag }),
      ...(platform !== undefined && { platform }),
      others: known === undefined ? 0 : known.others + 1,
    });
  }

  /** The first way to a digest; its count grows as others are found. */
  of(digest: string): ReferredBy | undefined {
    return this.#byDigest.get(digest);
  }
}

/** The name that an entry of an index gives to its document. */
export function tagOf({ annotations }: JsonObject): string | undefined {
  const name = asString(asObject(annotations)?.[refNameKey]);
  return name && maskUrls(name).slice(0, wordCharsMax);
}

/** The way through an entry of an index: its own name counts where none leads here. */
export function wayThrough({ annotations, platform }: JsonObject, way: Way): Way {
  return {
    tag: way.tag ?? tagOf({ annotations }),
    platform: platformText(asObject(platform)) ?? way.platform,
  };
}

/** As containerd writes it: `linux/arm/v7`, `windows(10.0.20348.2402)/amd64`. */
function platformText(platform: JsonObject | undefined): string | undefined {
  const [os, architecture] = [asString(platform?.os), asString(platform?.architecture)];
  if (!os || !architecture) return undefined;
  const version = asString(platform?.['os.version']);
  const variant = asString(platform?.variant);
  const words = [
    `${os}${version ? `(${version})` : ''}`,
    architecture,
    ...(variant ? [variant] : []),
  ];
  return words.join('/').slice(0, wordCharsMax);
}
