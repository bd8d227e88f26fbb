// Rules about Docker manifests of schema 1, deprecated and still found: that they are, that layers and
// histories belong together, and that the signatures (pretty JWS) are of this very text.

import { isDeepStrictEqual } from 'node:util';
import {
  asArray,
  asInteger,
  asObject,
  asString,
  type JsonObject,
  parseJson,
} from '../../lib/json.ts';
import { crypto } from '../../lib/node/crypto.ts';
import { plural } from '../../lib/plural.ts';
import type { JudgedDocument, Report, ValueRule } from './rule.ts';

const kinds = ['docker-schema1'] as const;

/** Registries put one signature on a manifest; each costs a verification. */
const signaturesMax = 16;

function checkCompatibility({ value }: JudgedDocument, report: Report): void {
  for (const [at, entry] of (asArray(value.history) ?? []).entries()) {
    const text = asString(asObject(entry)?.v1Compatibility);
    if (text !== undefined && asObject(parseJson(text)) === undefined) {
      report(`/history/${at}/v1Compatibility`, 'its text is no JSON object');
    }
  }
}

/** The signed bytes: the document up to where the signatures were put in, and its old end. */
function payloadOf(source: Buffer, header: JsonObject | undefined): Buffer | undefined {
  const length = asInteger(header?.formatLength) ?? -1;
  const tail = asString(header?.formatTail);
  if (length < 0 || length > source.length || tail === undefined) {
    return undefined;
  }
  return Buffer.concat([source.subarray(0, length), Buffer.from(tail, 'base64url')]);
}

/** Whether a key given in the signature itself made it; undefined for what we cannot verify. */
function isSigned(signature: JsonObject, payload: Buffer): boolean | undefined {
  const header = asObject(signature.header) ?? {};
  const jwk = asObject(header.jwk);
  if (header.alg !== 'ES256' || jwk === undefined) {
    return undefined;
  }
  const signed = `${asString(signature.protected)}.${payload.toString('base64url')}`;
  const bytes = Buffer.from(asString(signature.signature) ?? '', 'base64url');
  try {
    const key = crypto().createPublicKey({ key: { ...jwk }, format: 'jwk' });
    return crypto().verify(
      'sha256',
      Buffer.from(signed),
      { key, dsaEncoding: 'ieee-p1363' },
      bytes,
    );
  } catch {
    return false; // the key is none
  }
}

function checkSignatures({ value, text }: JudgedDocument, report: Report): void {
  const { signatures, ...unsigned } = value;
  const list = (asArray(signatures) ?? []).slice(0, signaturesMax);
  const source = list.length === 0 ? Buffer.alloc(0) : Buffer.from(text);
  for (const [at, item] of list.entries()) {
    const signature = asObject(item);
    const encoded = asString(signature?.protected);
    if (signature === undefined || encoded === undefined || !/^[\w-]*$/.test(encoded)) {
      continue; // the schema's finding
    }
    const header = asObject(parseJson(Buffer.from(encoded, 'base64url').toString()));
    const payload = payloadOf(source, header);
    if (payload === undefined) {
      report(`/signatures/${at}/protected`, 'it has no formatLength and formatTail that fit');
    } else if (!isDeepStrictEqual(parseJson(payload.toString()), unsigned)) {
      report(`/signatures/${at}/protected`, 'what it signs is not this manifest');
    } else if (isSigned(signature, payload) === false) {
      report(`/signatures/${at}/signature`, 'its key did not sign this manifest');
    }
  }
}

export const schema1Rules: readonly ValueRule[] = [
  {
    id: 'schema1-deprecated',
    level: 'warning',
    spec: 'docker-registry/deprecated-schema-v1.md',
    summary: 'Images are not in the deprecated format schema 1.',
    fix: 'Pull and push the image with a current client; new clients refuse schema 1.',
    kinds,
    check(_document, report) {
      report('', 'this is a Docker manifest of schema 1');
    },
  },
  {
    id: 'schema1-history-mismatch',
    level: 'warning',
    spec: 'docker-registry/manifest-v2-2.md#backward-compatibility',
    summary: 'A manifest of schema 1 has one history entry for each layer.',
    fix: 'Write as many entries in history as in fsLayers; clients refuse other manifests.',
    kinds,
    check({ value }, report) {
      const layers = asArray(value.fsLayers);
      const history = asArray(value.history);
      if (layers !== undefined && history !== undefined && layers.length !== history.length) {
        const detail = `history has ${plural(history.length, 'entry', 'entries')}, fsLayers ${layers.length}`;
        report('/history', detail);
      }
    },
  },
  {
    id: 'schema1-compatibility-json',
    level: 'warning',
    spec: 'docker-registry/manifest-v2-2.md#backward-compatibility',
    summary: 'The v1Compatibility texts of schema 1 are JSON objects.',
    fix: 'Write the configuration of the layer as a string of JSON.',
    kinds,
    check: checkCompatibility,
  },
  {
    id: 'schema1-signature-mismatch',
    level: 'error',
    spec: 'docker-registry/api.md#pulling-an-image-manifest',
    summary: 'Signatures of schema 1 are of the manifest that holds them.',
    fix: 'Serve the manifest byte by byte as it was signed, or sign it again.',
    kinds,
    check: checkSignatures,
  },
];
