// The list of referrers in a reply, read and written anew.

import { asArray, asObject, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { type Reply, withBody } from '../../call.ts';

export function indexOf(manifests: readonly unknown[]) {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
}

export function entriesOf({ body }: Reply): JsonObject[] {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
  return (asArray(asObject(parseJson(text))?.manifests) ?? []) as JsonObject[];
}

export function withEntries(reply: Reply, entries: readonly JsonObject[]): Reply {
  return withBody(reply, JSON.stringify(indexOf(entries)));
}

export function eachEntry(reply: Reply, change: (entry: JsonObject) => JsonObject): Reply {
  return withEntries(reply, entriesOf(reply).map(change));
}
