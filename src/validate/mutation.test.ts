// Takes valid documents of each kind, breaks one thing, and asks that the right rule speaks and no
// other error does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DocumentResult } from '../../reports/results.ts';
import {
  type Breakage,
  breakagesOf,
  type Doc,
  right,
  textBreakages,
} from '../../test/lib/arbitrary-documents.ts';
import { rightDocuments } from './cases/documents.ts';
import { type Kind, validateDocument } from './index.ts';
import type { ImageKind } from './kinds.ts';

function validate(doc: Doc, kind: Kind, indent: number): DocumentResult {
  return validateDocument(Buffer.from(JSON.stringify(doc, null, indent)), { path: 'x', kind });
}

function errorsOf({ findings }: DocumentResult): string[] {
  return findings.filter(({ level }) => level === 'error').map(({ ruleId }) => ruleId);
}

describe.each(Object.keys(rightDocuments) as ImageKind[])('%s', (kind) => {
  test('valid documents have no error, whatever else they hold', () => {
    fc.assert(
      fc.property(right(kind), fc.nat(4), (doc, indent) => {
        const result = validate(doc, kind, indent);
        expect(errorsOf(result)).toEqual([]);
        expect(result).toMatchObject({ kind, valid: true });
      }),
    );
  });

  const breakages = breakagesOf(kind);
  test('one broken thing makes one rule speak, and no other error', () => {
    fc.assert(
      fc.property(
        right(kind),
        fc.nat(),
        fc.constantFrom(...breakages.keys()),
        fc.nat(4),
        (doc, at, which, indent) => {
          const [rule, breakIt] = breakages[which] as Breakage;
          const broken = structuredClone(doc);
          breakIt(broken, at);
          const result = validate(broken, kind, indent);
          expect(errorsOf(result)).toEqual([rule]);
          expect(result.valid).toBe(false);
        },
      ),
      { numRuns: 20 * breakages.length },
    );
  });

  test('a text broken in one way makes one rule speak, and no other error', () => {
    fc.assert(
      fc.property(right(kind), fc.constantFrom(...textBreakages), fc.nat(4), (doc, it, indent) => {
        const [rule, breakIt] = it;
        const bytes = Buffer.from(breakIt(JSON.stringify(doc, null, indent)));
        expect(errorsOf(validateDocument(bytes, { path: 'x', kind }))).toEqual([rule]);
      }),
    );
  });
});
