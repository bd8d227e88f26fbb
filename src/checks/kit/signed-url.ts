// When a signed URL runs out, for the kinds of signature that registries redirect to. Reads dates only;
// signatures themselves are not checked.
import { parseQuery, parseUri } from '../../protocol/grammar/uri.ts';

/** Milliseconds since 1970 at which the URL ends; undefined when it does not say. */
export function expiryOf(url: string): number | undefined {
  const query = parseUri(url)?.query;
  if (query === undefined) return undefined;
  const values = new Map(parseQuery(query).map(([name, value]) => [name.toLowerCase(), value]));
  for (const vendor of ['x-amz', 'x-goog']) {
    const start = basicDate(values.get(`${vendor}-date`) ?? '');
    const seconds = Number(values.get(`${vendor}-expires`) ?? Number.NaN);
    if (start !== undefined && Number.isFinite(seconds)) return start + seconds * 1000;
  }
  // CloudFront and the older S3 and GCS signatures; many home-made ones.
  const epoch = /^\d{9,11}$/.exec(values.get('expires') ?? '');
  if (epoch !== null) return Number(epoch[0]) * 1000;
  // Azure's shared access signatures.
  const end = values.has('sig') ? Date.parse(values.get('se') ?? '') : Number.NaN;
  return Number.isNaN(end) ? undefined : end;
}

/** `20260131T235959Z` */
function basicDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hours, minutes, seconds] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(at) ? undefined : at;
}
