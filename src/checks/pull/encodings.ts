// Content codings (RFC 9110 sections 8.4 and 12.5.3). Go's HTTP client says Accept-Encoding: gzip of
// itself, and unpacks whatever says that it is packed: so do most clients of registries.

import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import type { Check } from '../check.ts';
import { ask, blobShape, headOf, manifestShape, manifestShapes } from '../kit/ask.ts';
import { sampleBlobs } from '../kit/blobs.ts';
import { expectContentLength, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { givenReply } from '../kit/given.ts';

const codings = 'RFC 9110 section 8.4';
const existence = 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry';

export const encodingChecks: readonly Check[] = [
  {
    id: 'manifest-encoding',
    level: 'COMPAT',
    section: codings,
    requirement:
      'With Accept-Encoding: gzip a manifest comes as it is, or packed by gzip and marked as such, and with the digest of what was pushed.',
    why: 'Clients in Go ask so, unpack what is marked, and hash the rest as it comes.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const seen: string[] = [];
      for (const shape of manifestShapes(context)) {
        const { last: plain } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
        const { last } = yield* ask(context, accepting(shape, 'gzip'));
        expectStatus(last, 200);
        seen.push(expectTrueCoding(last, plain.digest));
        // Whether it is right is for manifest-digest-header.
        const [claimed, claims] = [plain, last].map(claimIn) as [string, string];
        if (areOfTwoAlgorithms(claimed, claims)) continue;
        expectThat(claims === claimed, `${claimed}, as without Accept-Encoding`, claims);
      }
      return seen.join(', ');
    },
  },
  {
    id: 'manifest-encoding-identity',
    level: 'COMPAT',
    section: 'RFC 9110 section 12.5.3',
    requirement: 'With Accept-Encoding: identity a manifest comes as it is.',
    why: 'Who asks so cannot unpack anything, and hashes what comes.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const { last: plain } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
      const { last } = yield* ask(context, accepting(shape, 'identity'));
      expectStatus(last, 200);
      const coding = codingOf(last);
      expectThat(coding === '', 'no Content-Encoding', `Content-Encoding: ${quote(coding)}`);
      expectTrueCoding(last, plain.digest);
      return 'as it is';
    },
  },
  {
    id: 'blob-encoding',
    level: 'COMPAT',
    section: codings,
    requirement: 'A blob that is compressed by itself is not marked as packed on the way.',
    why: 'Clients unpack what Content-Encoding marks, and then hash something else than the layer.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const shape = blobShape(context, blob);
        const { last: plain } = yield* givenReply(context, 'blob-config', ask(context, shape));
        const { last } = yield* ask(context, accepting(shape, 'gzip'));
        expectStatus(last, 200);
        // Whether these are the bytes of the digest is for blob-config and blob-layers.
        for (const reply of [plain, last]) expectTrueCoding(reply, plain.digest);
      }
      return 'the mark and the bytes agree';
    },
  },
  {
    id: 'head-encoding',
    level: 'MUST',
    section: existence,
    requirement:
      'HEAD of a manifest or blob gives its size in Content-Length with Accept-Encoding: gzip, too.',
    why: 'Servers that pack on the way do not know the length; clients without a size give up.',
    needs: ['top'],
    dependsOn: ['blob-head', 'manifest-head'],
    *run(context) {
      const { config } = context.facts.image ?? {};
      const manifests = manifestShapes(context).map((shape) => ['manifest-head', shape] as const);
      const blobs =
        config === undefined ? [] : [['blob-head', blobShape(context, config)] as const];
      for (const [check, get] of [...manifests, ...blobs]) {
        const shape = headOf(get);
        const { last: plain } = yield* givenReply(context, check, ask(context, shape));
        const size = Number(plain.header('Content-Length') ?? Number.NaN);
        const { last } = yield* ask(context, accepting(shape, 'gzip'));
        expectStatus(last, 200);
        // What HEAD says without this header is for manifest-head-length and blob-head-length.
        if (Number.isNaN(size)) continue;
        const length = expectContentLength(last);
        const isPacked = codingOf(last) !== '';
        const expected = `Content-Length: ${size}, as without Accept-Encoding`;
        expectThat(isPacked || length === size, expected, `Content-Length: ${length}`);
      }
      return 'as without Accept-Encoding';
    },
  },
];

function accepting(shape: RequestShape, codings: string): RequestShape {
  return { ...shape, extra: [['Accept-Encoding', codings]] };
}

function claimIn(reply: HttpReply): string {
  const value = reply.header('Docker-Content-Digest');
  return value === undefined
    ? 'no Docker-Content-Digest'
    : `Docker-Content-Digest: ${quote(value)}`;
}

/** Digests of which nothing can be said by comparing them. */
function areOfTwoAlgorithms(...claims: readonly string[]): boolean {
  const known = claims.flatMap((claim) => /"([^":]+):/.exec(claim)?.[1] ?? []);
  return new Set(known).size === 2;
}

/** '' where the bytes are as they were pushed. */
function codingOf(reply: HttpReply): string {
  const value = reply.header('Content-Encoding')?.trim().toLowerCase() ?? '';
  return value === 'identity' ? '' : value;
}

/** Unmarked bytes are those of the digest; marked ones are others, as unpacking changes them. */
function expectTrueCoding(reply: HttpReply, digest: string): string {
  const coding = codingOf(reply);
  const isAsPushed = reply.digest === digest;
  if (coding === '') {
    const actual = `no Content-Encoding, and bytes that hash to ${reply.digest}`;
    expectThat(isAsPushed, `bytes that hash to ${digest}`, actual);
    return 'as it is';
  }
  const said = `Content-Encoding: ${quote(coding)}`;
  expectThat(/^(?:x-)?gzip$/.test(coding), 'gzip, which was asked for, or no coding', said);
  expectThat(
    !isAsPushed,
    'bytes packed once more, as they are so marked',
    `${said} on the blob itself`,
  );
  return 'packed by gzip';
}
