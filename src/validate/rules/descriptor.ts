// Rules about single descriptors that need more than their grammar.

import { createHash } from 'node:crypto';
import { asInteger, asString, type JsonObject } from '../../protocol/json.ts';
import type { Report, ValueRule } from './rule.ts';

/** Algorithms that we can compute; their digests are `algorithm:hex`. */
const computable = /^(sha256|sha512):/;

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function checkData(descriptor: JsonObject, pointer: string, report: Report): void {
  const data = asString(descriptor.data);
  const digest = asString(descriptor.digest);
  if (data === undefined || digest === undefined) {
    return;
  }
  if (data.length % 4 !== 0 || !base64.test(data)) {
    return; // the schema's finding
  }
  const content = Buffer.from(data, 'base64');
  const size = asInteger(descriptor.size) ?? -1;
  if (size >= 0 && size !== content.length) {
    report(`${pointer}/data`, `data holds ${content.length} bytes, size says ${size}`);
    return;
  }
  const algorithm = computable.exec(digest)?.[1];
  if (algorithm === undefined) {
    return;
  }
  const actual = `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
  if (actual.length === digest.length && actual !== digest.toLowerCase()) {
    report(`${pointer}/data`, `data hashes to ${actual}, digest says otherwise`);
  }
}

export const descriptorRules: readonly ValueRule[] = [
  {
    id: 'descriptor-data-mismatch',
    level: 'error',
    spec: 'image-spec/descriptor.md#properties',
    summary: 'Embedded data is the content that digest and size describe.',
    fix: 'Embed the exact bytes of the content, or remove data.',
    kinds: ['manifest', 'index', 'descriptor', 'docker-manifest', 'docker-manifest-list'],
    check({ parts, subject }, report) {
      for (const { descriptor, pointer } of parts) {
        checkData(descriptor, pointer, report);
      }
      if (subject !== undefined) {
        checkData(subject.descriptor, subject.pointer, report);
      }
    },
  },
];
