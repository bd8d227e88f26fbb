// AWS Signature Version 4 in a query, as presigned URLs of S3 carry it: the published algorithm, host as
// the one signed header, the payload unsigned. Knows no blobs and no clock.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { createHash, createHmac } from 'node:crypto';
import { encodeQueryComponent } from '../../src/protocol/grammar/uri.ts';
import { parseStamp } from '../../src/protocol/grammar/url-date.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a presigned URL is for. */
export interface Presigned {
  readonly method: string;
  /** With its port, unless that is the scheme's own. */
  readonly host: string;
  /** As on the request line: S3 encodes it once. */
  readonly path: string;
}

export type QueryFields = readonly (readonly [name: string, value: string])[];

export const sigV4Algorithm = 'AWS4-HMAC-SHA256';
export const signatureField = 'X-Amz-Signature';
/** Seven days. */
export const expiresSecondsMax = 604_800;

const service = 's3';

/** The fields that say who signed when and for how long, in the order in which AWS writes them. */
export function presignFields(
  accessKeyId: string,
  region: string,
  nowMs: number,
  expiresSeconds: number,
): [name: string, value: string][] {
  const stamp = new Date(nowMs).toISOString().replace(/\.\d+|[-:]/g, '');
  return [
    ['X-Amz-Algorithm', sigV4Algorithm],
    ['X-Amz-Credential', `${accessKeyId}/${scopeOf(stamp, region)}`],
    ['X-Amz-Date', stamp],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ];
}

/** `date/region/s3/aws4_request`. */
export function scopeOf(stamp: string, region: string): string {
  return `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** The signature over a URL with these fields, in lower-case hex. */
export function presignature(
  { method, host, path }: Presigned,
  fields: QueryFields,
  region: string,
  secretAccessKey: string,
): string {
  const stamp = new Map(fields).get('X-Amz-Date') ?? '';
  const query = awsQuery(fields).split('&').sort().join('&');
  const canonical = [method, path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const toSign = [sigV4Algorithm, stamp, scopeOf(stamp, region), hash].join('\n');
  const parts = [stamp.slice(0, 8), region, service, 'aws4_request'];
  const key = parts.reduce<string | Uint8Array>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** Milliseconds since 1970 of an `X-Amz-Date`; NaN for what is none. */
export function stampMs(stamp: string): number {
  return parseStamp(stamp) ?? Number.NaN;
}

/** Everything but the unreserved characters of RFC 3986, in upper-case hex. */
function awsEncode(text: string): string {
  return encodeQueryComponent(text).replaceAll('+', '%20');
}

/** As they go into a URL. */
export function awsQuery(fields: QueryFields): string {
  return fields.map(([name, value]) => `${awsEncode(name)}=${awsEncode(value)}`).join('&');
}
