// Cases for the rules about schema 1. Even right documents of it are told to be deprecated.

import { generateKeyPairSync, sign } from 'node:crypto';
import { dockerManifest, hex, type Members, schema1 } from './documents.ts';
import type { RuleCase, Source } from './rule-case.ts';

const besides = ['schema1-deprecated'];
const kind = 'docker-schema1';

/** A case of documents that are made by changes to a right one. */
function changed(rule: string, bad: Members, good: Members): RuleCase {
  return { rule, kind, besides, bad: schema1(bad), good: schema1(good) };
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const base64url = (text: string) => Buffer.from(text).toString('base64url');

interface Signing {
  readonly formatLength?: number;
  readonly formatTail?: string;
  /** Changes the document after it was signed. */
  readonly edit?: (text: string) => string;
  readonly header?: Members;
  /** What is signed instead of the document. */
  readonly signed?: string;
  /** Members of the signature itself. */
  readonly whole?: Members;
}

/** A right manifest, signed as registries do it: the signatures stand before its last brace. */
function signed(changes: Signing = {}): Source {
  const text = JSON.stringify(schema1(), null, 3);
  const end = text.length - 2; // "\n}"
  const { formatLength = end, formatTail = base64url(text.slice(end)) } = changes;
  const header = base64url(JSON.stringify({ formatLength, formatTail }));
  const input = Buffer.from(`${header}.${changes.signed ?? base64url(text)}`);
  const signature = {
    header: { alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }), ...changes.header },
    signature: sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    ),
    protected: header,
    ...changes.whole,
  };
  const { edit = (it: string) => it } = changes;
  return `${edit(text.slice(0, end))},\n   "signatures": ${JSON.stringify([signature])}\n}`;
}

function signature(bad: Signing, good: Signing): RuleCase {
  const rule = 'schema1-signature-mismatch';
  return { rule, kind, besides, bad: signed(bad), good: signed(good) };
}

const layer = (blobSum: unknown) => ({ fsLayers: [{ blobSum }], history: [entry('{}')] });
const entry = (v1Compatibility: unknown) => ({ v1Compatibility });

export const schema1Cases: readonly RuleCase[] = [
  { rule: 'schema1-deprecated', bad: schema1(), good: dockerManifest() },
  { rule: 'schema1-object', kind, besides, bad: '[]', good: schema1() },
  changed('schema1-schema-version', { schemaVersion: 2 }, { unknown: 2 }),
  changed('schema1-name', { name: 5 }, { name: 'a' }),
  changed('schema1-object', { tag: undefined }, { tag: 'x' }),
  changed('schema1-name', { tag: 5 }, { tag: 'x' }),
  changed('schema1-name', { architecture: null }, { architecture: 's390x' }),
  changed('schema1-layers', { fsLayers: undefined }, { fsLayers: [], history: [] }),
  changed('schema1-layer', { fsLayers: [{}, 'x'] }, layer('other:5')),
  changed('digest-encoding', layer('sha256:5'), layer(`sha256:${hex(5)}`)),
  changed('schema1-history', { history: {} }, {}),
  changed('schema1-history-entry', { history: [entry('{}'), 5] }, {}),
  changed('schema1-compatibility', { history: [entry('{}'), entry({})] }, {}),
  changed('schema1-compatibility-json', { history: [entry('{}'), entry('{')] }, {}),
  changed('schema1-history-mismatch', { history: [entry('{}')] }, {}),
  changed('schema1-signatures', { signatures: null }, { signatures: [] }),
  changed('schema1-signature', { signatures: [5] }, { signatures: [] }),
  {
    rule: 'schema1-signature-header',
    kind,
    besides,
    bad: signed({ whole: { header: 'x' } }),
    good: signed({ header: { alg: 'none' } }),
  },
  {
    rule: 'schema1-base64url',
    kind,
    besides,
    bad: signed({ whole: { signature: 'a=' }, header: { alg: 'none' } }),
    good: signed(),
  },
  signature({ edit: (text) => text.replace('team/app', 'team/bad') }, {}),
  signature({ formatTail: base64url('}}') }, { header: { jwk: undefined, x5c: [] } }),
  signature({ formatLength: 1e9 }, { header: { alg: 'RS256' } }),
  signature({ signed: base64url('{}') }, { edit: (text) => text }),
  signature({ header: { jwk: { kty: 'EC' } } }, {}),
];
