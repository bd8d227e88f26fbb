// When a signed URL runs out, for the kinds of signature that registries redirect to. Reads dates only;
// signatures themselves are not checked.
import { parseQuery, parseUri } from '../../protocol/grammar/uri.ts';
import { parseSasDate, parseStamp } from '../../protocol/grammar/url-date.ts';

/** Milliseconds since 1970 at which the URL ends; undefined when it does not say. */
export function expiryOf(url: string): number | undefined {
  const query = parseUri(url)?.query;
  if (query === undefined) return undefined;
  const values = new Map(parseQuery(query).map(([name, value]) => [name.toLowerCase(), value]));
  for (const vendor of ['x-amz', 'x-goog']) {
    const start = parseStamp(values.get(`${vendor}-date`) ?? '');
    const seconds = Number(values.get(`${vendor}-expires`) ?? Number.NaN);
    if (start !== undefined && Number.isFinite(seconds)) return start + seconds * 1000;
  }
  // CloudFront and the older S3 and GCS signatures; many home-made ones.
  const epoch = /^\d{9,11}$/.exec(values.get('expires') ?? '');
  if (epoch !== null) return Number(epoch[0]) * 1000;
  // Azure's shared access signatures.
  return values.has('sig') ? parseSasDate(values.get('se') ?? '') : undefined;
}
