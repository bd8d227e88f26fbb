// Signed URLs: of CloudFront (canned policy) or of an S3 presign (Signature Version 4), which anyone who
// knows the published algorithms can check. Says why a URL opens nothing, in the words of each.
import { createHmac } from 'node:crypto';
import { parseQuery } from '../../src/protocol/grammar/uri.ts';
import {
  cannedFields,
  cannedPublicKey,
  cannedSignature,
  isCannedSignature,
} from './canned-policy.ts';
import type { Refusal } from './refusal.ts';
import {
  type AwsCredentials,
  awsQuery,
  expiresSecondsMax,
  presignature,
  presignFields,
  scopeOf,
  signatureField,
  sigV4Algorithm,
  stampMs,
} from './sigv4.ts';

export type CdnStyle = 'cloudfront' | 's3';

/** What checks the signatures. */
export type CdnKeys =
  | { readonly style: 'cloudfront'; readonly keyPairId: string; readonly publicKey: string }
  | ({ readonly style: 's3'; readonly region: string } & AwsCredentials);

/** What a URL is for. Whoever asks for something else has no signature for it. */
export interface Signed {
  /** `GET` or `HEAD`: an S3 presign is for one method. */
  readonly method: string;
  /** `scheme://host[:port]`. */
  readonly origin: string;
  readonly path: string;
}

/** A URL that is signed well: the time in which it opens something. */
interface Sound {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Why it does not at another time. */
  early(): Refusal;
  late(nowMs: number): Refusal;
}

interface Style {
  readonly keys: CdnKeys;
  /** `extra`: what else the query says, encoded. */
  query(signed: Signed, extra: string, nowMs: number, ttlSeconds: number): string;
  judge(signed: Signed, query: string): Sound | Refusal;
}

/** URLs remembered: a busy mock makes and checks the same ones all through a second. */
const rememberedMax = 10_000;

export class Signer {
  readonly #style: Style;
  readonly #sound = new Map<string, Sound>();
  /** Queries issued in the current second, by lifetime and URL. */
  readonly #issued = new Map<string, string>();
  #issuedAtSeconds = 0;

  constructor(key: Uint8Array, style: CdnStyle) {
    this.#style = style === 's3' ? s3(key) : cloudFront(key);
  }

  get keys(): CdnKeys {
    return this.#style.keys;
  }

  /** The query that opens the URL for `ttlSeconds`, `extra` in it. */
  query(signed: Signed, nowMs: number, ttlSeconds: number, extra = ''): string {
    const seconds = Math.floor(nowMs / 1000);
    if (seconds !== this.#issuedAtSeconds || this.#issued.size >= rememberedMax) {
      this.#issued.clear();
      this.#issuedAtSeconds = seconds;
    }
    const key = `${ttlSeconds} ${keyOf(signed, extra)}`;
    const known = this.#issued.get(key);
    if (known !== undefined) return known;
    const query = this.#style.query(signed, extra, seconds * 1000, ttlSeconds);
    this.#issued.set(key, query);
    return query;
  }

  /** Why the URL with this query opens nothing now. */
  problemOf(signed: Signed, query: string, nowMs: number): Refusal | undefined {
    const key = keyOf(signed, query);
    const judged = this.#sound.get(key) ?? this.#style.judge(signed, query);
    if ('code' in judged) return judged;
    if (this.#sound.size >= rememberedMax) this.#sound.clear();
    this.#sound.set(key, judged);
    if (nowMs < judged.fromMs) return judged.early();
    return nowMs >= judged.untilMs ? judged.late(nowMs) : undefined;
  }
}

function keyOf({ method, origin, path }: Signed, query: string): string {
  return `${method} ${origin}${path}?${query}`;
}

function idOf(key: Uint8Array, use: string): Buffer {
  return createHmac('sha256', key).update(use).digest();
}

function forbidden(code: string, message: string, details: Refusal['details'] = []): Refusal {
  return { status: 403, code, message, details };
}

function cloudFront(key: Uint8Array): Style {
  const keyPairId = `K${idOf(key, 'key pair').toString('hex').toUpperCase().slice(0, 13)}`;
  const denied = () => forbidden('AccessDenied', 'Access denied');
  return {
    keys: { style: 'cloudfront', keyPairId, publicKey: cannedPublicKey },
    query({ origin, path }, extra, nowMs, ttlSeconds) {
      const expires = Math.floor(nowMs / 1000) + ttlSeconds;
      const signature = cannedSignature(urlOf(origin, path, extra), expires);
      const rest = extra === '' ? '' : `${extra}&`;
      return `${rest}Expires=${expires}&Signature=${signature}&Key-Pair-Id=${keyPairId}`;
    },
    judge({ origin, path }, query) {
      const pieces = query.split('&');
      const given = new Map(parseQuery(query));
      const [expires, signature, id] = cannedFields.map((name) => given.get(name));
      if (expires === undefined || signature === undefined || id === undefined) {
        return forbidden('MissingKey', 'Missing Key-Pair-Id query parameter or cookie value');
      }
      if (id !== keyPairId) return forbidden('InvalidKey', 'Unknown Key');
      const isOther = (piece: string) => !cannedFields.some((name) => piece.startsWith(`${name}=`));
      const rest = pieces.filter(isOther).join('&');
      // TLS may have ended before the edge.
      const host = origin.slice(origin.indexOf('//') + 2);
      const origins = [`https://${host}`, `http://${host}`];
      const isSigned = origins.some((one) =>
        isCannedSignature(urlOf(one, path, rest), expires, signature),
      );
      if (!/^\d{1,12}$/.test(expires) || !isSigned) return denied();
      return { fromMs: 0, untilMs: Number(expires) * 1000, early: denied, late: denied };
    },
  };
}

function urlOf(origin: string, path: string, query: string): string {
  return query === '' ? origin + path : `${origin}${path}?${query}`;
}

const region = 'us-east-1';
/** What a clock of the signer's may be ahead. */
const skewMs = 15 * 60 * 1000;

function s3(key: Uint8Array): Style {
  const accessKeyId = `AKIA${idOf(key, 'access key').toString('hex').toUpperCase().slice(0, 16)}`;
  const secretAccessKey = idOf(key, 'secret key').toString('base64').slice(0, 40);
  const sign = ({ method, origin, path }: Signed, fields: ReturnType<typeof parseQuery>) =>
    presignature({ method, host: hostOf(origin), path }, fields, region, secretAccessKey);
  return {
    keys: { style: 's3', region, accessKeyId, secretAccessKey },
    query(signed, extra, nowMs, ttlSeconds) {
      // A URL that has expired when it is issued was signed in the past: lifetimes are positive.
      const signedMs = ttlSeconds > 0 ? nowMs : nowMs + (ttlSeconds - 1) * 1000;
      const expiresSeconds = Math.min(expiresSecondsMax, Math.max(1, ttlSeconds));
      const own = presignFields(accessKeyId, region, signedMs, expiresSeconds);
      const fields = [...parseQuery(extra), ...own];
      return awsQuery([...fields, [signatureField, sign(signed, fields)]]);
    },
    judge(signed, query) {
      const fields = parseQuery(query);
      const given = new Map(fields);
      const problem = problemOfFields(given, accessKeyId);
      if (problem !== undefined) return problem;
      const covered = fields.filter(([name]) => name !== signatureField);
      if (sign(signed, covered) !== given.get(signatureField)) {
        const message = 'The signature is not that of the request. Check the key and the method.';
        return forbidden('SignatureDoesNotMatch', message, [['AWSAccessKeyId', accessKeyId]]);
      }
      const expires = given.get('X-Amz-Expires') ?? '';
      const signedMs = stampMs(given.get('X-Amz-Date') ?? '');
      const untilMs = signedMs + Number(expires) * 1000;
      return {
        fromMs: signedMs - skewMs,
        untilMs,
        early: () => forbidden('AccessDenied', 'Request is not valid yet'),
        late: (nowMs) =>
          forbidden('AccessDenied', 'Request has expired', [
            ['X-Amz-Expires', expires],
            ['Expires', new Date(untilMs).toISOString()],
            ['ServerTime', new Date(nowMs).toISOString()],
          ]),
      };
    },
  };
}

const s3Fields = [...presignFields('', region, 0, 1).map(([name]) => name), signatureField];

/** What can be said before the signature is made. */
function problemOfFields(
  given: ReadonlyMap<string, string>,
  accessKeyId: string,
): Refusal | undefined {
  const malformed = (message: string): Refusal => ({
    status: 400,
    code: 'AuthorizationQueryParametersError',
    message,
  });
  const missing = s3Fields.filter((name) => !given.has(name));
  if (missing.length === s3Fields.length) return forbidden('AccessDenied', 'Access Denied');
  if (missing.length > 0) return malformed(`A presigned URL also has ${missing.join(', ')}.`);
  const of = (name: string) => given.get(name) ?? '';
  if (of('X-Amz-Algorithm') !== sigV4Algorithm) {
    return malformed(`X-Amz-Algorithm is ${sigV4Algorithm}.`);
  }
  const stamp = of('X-Amz-Date');
  if (Number.isNaN(stampMs(stamp)))
    return malformed('X-Amz-Date is no date such as 20260131T235959Z.');
  const expires = of('X-Amz-Expires');
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > expiresSecondsMax) {
    return malformed(`X-Amz-Expires is a number of seconds up to ${expiresSecondsMax}.`);
  }
  const [id = '', ...scope] = of('X-Amz-Credential').split('/');
  if (scope.join('/') !== scopeOf(stamp, region)) {
    return malformed(`X-Amz-Credential is KEY/${scopeOf(stamp, region)}.`);
  }
  if (id === accessKeyId) return undefined;
  return forbidden('InvalidAccessKeyId', 'There is no such access key.', [['AWSAccessKeyId', id]]);
}

/** As clients send it as Host: with its port, unless that is the scheme's own. */
function hostOf(origin: string): string {
  const ownPort = origin.startsWith('https:') ? /:443$/ : /:80$/;
  return origin.slice(origin.indexOf('//') + 2).replace(ownPort, '');
}
