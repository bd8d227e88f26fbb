// Signed URLs in the style of CloudFront (canned policy) or of an S3 presign (Signature Version 4): their
// fields, not their exact algorithms, which only the signer and the edge need to agree on.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { encodeQueryComponent, parseQuery } from '../../src/protocol/uri.ts';

export type CdnStyle = 'cloudfront' | 's3';

/** Why a URL does not open anything. */
export type Refusal = 'unsigned' | 'forged' | 'expired';

/** Signatures remembered: a busy mock makes and checks the same ones all through a second. */
const SIGNATURES_MAX = 10_000;
const REGION = 'us-east-1';

interface Style {
  /** The fields that the signature covers, in order. */
  fields(nowMs: number, ttlSeconds: number): [string, string][];
  readonly signatureField: string;
  readonly encoding: 'base64url' | 'hex';
  /** Milliseconds since 1970 at which fields that we have signed end. */
  endMs(fields: ReadonlyMap<string, string>): number;
}

export class Signer {
  readonly #key: Uint8Array;
  readonly #style: Style;
  readonly #signatures = new Map<string, Buffer>();
  /** Queries issued in the current second, by lifetime and path. */
  readonly #issued = new Map<string, string>();
  #issuedAtSeconds = 0;

  constructor(key: Uint8Array, style: CdnStyle) {
    this.#key = key;
    const keyId = createHmac('sha256', key).update('key pair').digest('hex').toUpperCase();
    this.#style = style === 's3' ? s3(keyId) : cloudFront(keyId);
  }

  /** The query that opens the path for `ttlSeconds`. */
  query(path: string, nowMs: number, ttlSeconds: number): string {
    const seconds = Math.floor(nowMs / 1000);
    if (seconds !== this.#issuedAtSeconds || this.#issued.size >= SIGNATURES_MAX) {
      this.#issued.clear();
      this.#issuedAtSeconds = seconds;
    }
    const known = this.#issued.get(`${ttlSeconds} ${path}`);
    if (known !== undefined) return known;
    const { fields, signatureField, encoding } = this.#style;
    const covered = join(fields(seconds * 1000, ttlSeconds));
    const signature = this.#sign(path, covered).toString(encoding);
    const query = `${covered}&${signatureField}=${signature}`;
    this.#issued.set(`${ttlSeconds} ${path}`, query);
    return query;
  }

  /** What is wrong with the query of a path. */
  problemOf(path: string, query: string, nowMs: number): Refusal | undefined {
    const { fields, signatureField, encoding, endMs } = this.#style;
    const given = new Map(parseQuery(query));
    const names = fields(0, 0).map(([name]) => name);
    const signature = given.get(signatureField);
    if (signature === undefined || names.some((name) => !given.has(name))) return 'unsigned';
    const signed = join(names.map((name) => [name, given.get(name) ?? '']));
    const bytes = Buffer.from(signature, encoding);
    const expected = this.#sign(path, signed);
    if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) return 'forged';
    return nowMs >= endMs(given) ? 'expired' : undefined;
  }

  #sign(path: string, query: string): Buffer {
    const signed = `url ${path}?${query}`;
    const known = this.#signatures.get(signed);
    if (known !== undefined) return known;
    const signature = createHmac('sha256', this.#key).update(signed).digest();
    if (this.#signatures.size >= SIGNATURES_MAX) this.#signatures.clear();
    this.#signatures.set(signed, signature);
    return signature;
  }
}

function cloudFront(keyId: string): Style {
  return {
    fields: (nowMs, ttlSeconds) => [
      ['Expires', String(Math.floor(nowMs / 1000) + ttlSeconds)],
      ['Key-Pair-Id', `K${keyId.slice(0, 13)}`],
    ],
    signatureField: 'Signature',
    encoding: 'base64url',
    endMs: (fields) => Number(fields.get('Expires')) * 1000,
  };
}

function s3(keyId: string): Style {
  return {
    fields: (nowMs, ttlSeconds) => {
      // An URL that has expired when it is issued was signed in the past: lifetimes are positive.
      const signedMs = ttlSeconds > 0 ? nowMs : nowMs + (ttlSeconds - 1) * 1000;
      const stamp = new Date(signedMs).toISOString().replace(/\.\d+|[-:]/g, '');
      return [
        ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
        [
          'X-Amz-Credential',
          `AKIA${keyId.slice(0, 16)}/${stamp.slice(0, 8)}/${REGION}/s3/aws4_request`,
        ],
        ['X-Amz-Date', stamp],
        ['X-Amz-Expires', String(Math.max(1, ttlSeconds))],
        ['X-Amz-SignedHeaders', 'host'],
      ];
    },
    signatureField: 'X-Amz-Signature',
    encoding: 'hex',
    endMs: (fields) => {
      const [, y, mo, d, h, mi, s] =
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(fields.get('X-Amz-Date') ?? '') ?? [];
      const signedMs = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
      return signedMs + Number(fields.get('X-Amz-Expires')) * 1000;
    },
  };
}

function join(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `${name}=${encodeQueryComponent(value)}`).join('&');
}
