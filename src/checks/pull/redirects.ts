// Blobs behind a redirect, as CDNs and object stores serve them. The spec permits any redirect (API);
// what must hold so that clients can follow is common practice (COMPAT).
import { dateOf } from '../../protocol/grammar/http-date.ts';
import { hostOf, originOf, parseUri, resolveUri } from '../../protocol/grammar/uri.ts';
import { isRedirect, redirected } from '../../protocol/redirect.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import {
  ask,
  askOnce,
  blobShape,
  type Exchange,
  headOf,
  isAt,
  rangeOf,
  smallBytesMax,
} from '../kit/ask.ts';
import { isServedHere } from '../kit/blobs.ts';
import { describe, expectSize, expectStatus, expectThat, fact, quote } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';
import { expiryOf } from '../kit/signed-url.ts';

const section = 'distribution-spec/spec.md#api';

/** A signed URL must outlive the wait for a slow link, a busy client or a short retry. */
const lifetimeMinSeconds = 30;

/** Blobs of one image that are asked for; larger ones are sampled from their start. */
const hostsBlobsMax = 50;

export const redirectChecks: readonly Check[] = [
  {
    id: 'redirect-policy',
    level: 'COMPAT',
    section,
    requirement: 'Blobs are redirected, or not, as the operator of the registry says (--redirect).',
    why: 'A registry that silently stops redirecting serves all traffic itself, and one that starts to needs new firewall rules.',
    needs: ['image'],
    *run(context) {
      const { redirectPolicy, facts } = context;
      const blob = facts.redirect?.blob ?? fact(facts.image).config;
      const { request, reply } = yield* askOnce(context, probe(context, blob));
      const redirects = isRedirectStatus(reply);
      const target = redirects
        ? resolveUri(request.url, reply.header('Location') ?? '')
        : undefined;
      const seen = redirects ? `${reply.status} to ${originOf(target ?? '')}` : `${reply.status}`;
      expectThat(redirectPolicy !== 'required' || redirects, 'a redirect', `status ${seen}`);
      // Within the registry nobody else is met.
      const leadsAway = redirects && !isAt(context, target ?? '');
      expectThat(redirectPolicy !== 'forbidden' || !leadsAway, 'no redirect', `status ${seen}`);
      return `status ${seen} (${redirectPolicy})`;
    },
  },
  {
    id: 'redirect-location',
    level: 'COMPAT',
    section,
    requirement:
      'Each redirect names an http(s) URL, the chain ends, and it never leads from https to http.',
    why: 'Clients refuse other schemes, loops and downgrades; the image cannot be pulled then.',
    needs: ['redirect'],
    covers: ['blob redirected'],
    run: expectChain,
  },
  {
    id: 'redirect-hosts',
    level: 'COMPAT',
    section,
    requirement: 'Redirects lead to the registry itself or to a host that --allow-host names.',
    why: 'Firewalls open for named hosts; a CDN that moves to another one stops every pull behind them.',
    needs: ['redirect'],
    dependsOn: ['redirect-location'],
    *run(context) {
      const { allowHosts, facts, registryUrl } = context;
      if (allowHosts.length === 0) throw new Unsupported('no --allow-host was given');
      const { blob } = fact(facts.redirect);
      const { client } = context.session();
      const seen = new Set<string>();
      let { request, reply }: Exchange = yield* askOnce(context, probe(context, blob));
      for (let followed = 0; followed < client.redirectsMax && isRedirect(reply); followed++) {
        const target = resolveUri(request.url, reply.header('Location') ?? '') ?? '';
        const host = hostOf(target);
        if (host === '') throw notGiven(context, 'redirect-location', 'no http(s) URL in Location');
        const held = host === hostOf(registryUrl) || isListed(target, allowHosts);
        expectThat(held, `a redirect to ${allowHosts.join(' or ')}`, `one to ${quote(host)}`);
        seen.add(host);
        request = redirected(client, request, reply);
        reply = yield request;
      }
      if (seen.size === 0) throw notGiven(context, 'redirect-location', 'no Location');
      return [...seen].join(', ');
    },
  },
  {
    id: 'redirect-hosts-all',
    level: 'COMPAT',
    section,
    requirement:
      'All blobs of the image are redirected to hosts that --allow-host names; which they are is told.',
    why: 'A CDN of two names serves some layers from each: a firewall that knows one stops half of a pull.',
    needs: ['redirect'],
    dependsOn: ['redirect-location'],
    covers: ['blob redirected'],
    *run(context) {
      const { allowHosts, facts, registryUrl } = context;
      const { config, layers } = fact(facts.image);
      const hosts = new Set<string>();
      for (const blob of [config, ...layers].filter(isServedHere).slice(0, hostsBlobsMax)) {
        const { request, reply } = yield* askOnce(context, probe(context, blob));
        if (!isRedirect(reply)) continue;
        const target = resolveUri(request.url, reply.header('Location') ?? '') ?? '';
        const host = hostOf(target);
        if (host === '') throw notGiven(context, 'redirect-location', 'no http(s) URL in Location');
        hosts.add(host);
        const held =
          allowHosts.length === 0 || host === hostOf(registryUrl) || isListed(target, allowHosts);
        const expected = `a redirect to ${allowHosts.join(' or ')} for ${blob.digest}`;
        expectThat(held, expected, `one to ${quote(host)}`);
      }
      if (hosts.size === 0) throw notGiven(context, 'redirect-location', 'no Location');
      const all = [...hosts].join(' and ');
      return hosts.size === 1 ? all : `${hosts.size} hosts, each for a firewall to know: ${all}`;
    },
  },
  {
    id: 'redirect-anonymous',
    level: 'COMPAT',
    section,
    requirement: 'The target of a redirect serves the blob to a client that sends no credentials.',
    why: 'Clients must not show their token to another host, so a signed URL has to be enough.',
    needs: ['redirect'],
    covers: ['blob redirected'],
    *run(context) {
      const { blob } = fact(context.facts.redirect);
      const { exchanges, last } = yield* ask(context, probe(context, blob));
      const kept = (exchanges.at(-1)?.request.authorization ?? '') !== '';
      expectThat(last.status === 200, 'status 200', describe(last));
      return `status ${last.status} ${kept ? 'on the same host' : 'without credentials'}`;
    },
  },
  {
    id: 'redirect-head',
    level: 'COMPAT',
    section,
    requirement: 'HEAD of a redirected blob answers 200 as well.',
    why: 'Some object stores sign URLs for GET only; clients that look before they pull then fail.',
    needs: ['redirect'],
    covers: ['blob-head redirected'],
    *run(context) {
      const { blob } = fact(context.facts.redirect);
      const { last } = yield* ask(context, headOf(blobShape(context, blob)));
      expectStatus(last, 200);
      return '200';
    },
  },
  {
    id: 'redirect-range',
    level: 'COMPAT',
    section,
    requirement: 'A range of a redirected blob is served as such by the target.',
    why: 'Resuming and lazy pulling happen at the edge, where the traffic is.',
    needs: ['redirect'],
    covers: ['blob-range redirected'],
    *run(context) {
      const { blob } = fact(context.facts.redirect);
      if (blob.size < 2) throw new Unsupported('the blob has no parts');
      const shape = rangeOf(probe(context, blob), `1-${Math.min(blob.size, smallBytesMax) - 1}`);
      const { last } = yield* ask(context, shape);
      expectThat(last.status === 206, 'status 206', `status ${last.status}`);
      expectSize(last, Math.min(blob.size, smallBytesMax) - 1);
      return `206, ${last.bytes} bytes`;
    },
  },
  {
    id: 'redirect-lifetime',
    level: 'COMPAT',
    section,
    requirement: `A signed URL lives ${lifetimeMinSeconds} seconds at least, and no cache may keep it longer than it lives.`,
    why: 'An expired URL is a 403 from the CDN in the middle of a pull, and never on a fast machine.',
    needs: ['redirect'],
    *run(context) {
      const { blob } = fact(context.facts.redirect);
      const exchange = yield* askOnce(context, probe(context, blob));
      const url = resolveUri(exchange.request.url, exchange.reply.header('Location') ?? '') ?? '';
      const expiry = expiryOf(url);
      if (expiry === undefined) throw new Unsupported('the URL does not say when it ends');
      // The clock that signed is the one to judge by; the registry's own Date is nearest to it.
      const issued = dateOf(exchange.reply) ?? context.now();
      const seconds = Math.round((expiry - issued) / 1000);
      const actual = `${seconds} seconds`;
      expectThat(seconds >= lifetimeMinSeconds, `${lifetimeMinSeconds} seconds to live`, actual);
      const cached = cacheSeconds(exchange.reply);
      expectThat(
        cached <= seconds,
        `caches may keep the redirect ${actual} at most`,
        cached === Number.POSITIVE_INFINITY
          ? `status ${exchange.reply.status}, which is for good unless Cache-Control says otherwise`
          : `${cached} seconds`,
      );
      return `${seconds} seconds to live`;
    },
  },
];

/** By `host`, for all its ports, by `host:port`, or by `*.domain`, for what is below it. */
function isListed(url: string, allowed: readonly string[]): boolean {
  const hostAndPort = originOf(url).replace(/^https?:\/\//, '');
  const host = hostAndPort.replace(/:\d+$/, '');
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase();
    if (wanted.startsWith('*.')) return host.endsWith(wanted.slice(1));
    return wanted === host || wanted === hostAndPort;
  });
}

/** Follows the chain one explicit request at a time, so that each redirect is judged before it is taken. */
function* expectChain(context: CheckContext): Talk<string> {
  const { client } = context.session();
  const { blob } = fact(context.facts.redirect);
  let at: Exchange = yield* askOnce(context, probe(context, blob));
  const origins = [originOf(at.request.url)];
  while (isRedirectStatus(at.reply)) {
    const many = `more than ${client.redirectsMax} redirects`;
    expectThat(origins.length <= client.redirectsMax, 'a chain that ends', many);
    const location = at.reply.header('Location');
    expectThat(location !== undefined, 'a Location', `status ${at.reply.status} without it`);
    const url = resolveUri(at.request.url, location);
    const authority = parseUri(url ?? '')?.authority ?? '';
    const held = url !== undefined && /^https?:\/\//i.test(url) && authority !== '';
    expectThat(held, 'an http(s) URL in Location', quote(location));
    expectThat(!authority.includes('@'), 'a Location without user and password', quote(authority));
    const downgrade = at.request.url.startsWith('https:') && !url.startsWith('https:');
    expectThat(!downgrade, 'https after https', `a redirect to ${originOf(url)}`);
    const known = isRedirect(at.reply);
    expectThat(known, 'status 301, 302, 303, 307 or 308', `status ${at.reply.status}`);
    const request = redirected(client, at.request, at.reply);
    const reply: HttpReply = yield request;
    at = { request, reply };
    origins.push(originOf(url));
  }
  return origins.join(' → ');
}

function isRedirectStatus({ status }: HttpReply): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** A look at the blob; a long one is not read to its end. */
function probe(context: CheckContext, blob: { digest: string }): RequestShape {
  return {
    path: `/v2/${context.repository}/blobs/${blob.digest}`,
    want: 'none',
    bodyBytesMax: smallBytesMax,
    phase: 'layer',
  };
}

/**
 * How long a shared cache may keep the reply: as long as it says, which the permanent redirects may leave
 * out (RFC 9110 15.4.2 and 15.4.9).
 */
function cacheSeconds(reply: HttpReply): number {
  const value = reply.header('Cache-Control') ?? '';
  if (/\bno-(?:store|cache)\b|\bprivate\b/i.test(value)) return 0;
  const [, seconds] =
    /\bs-maxage="?(\d{1,10})/i.exec(value) ?? /\bmax-age="?(\d{1,10})/i.exec(value) ?? [];
  const isPermanent = reply.status === 301 || reply.status === 308;
  return Number(seconds ?? (isPermanent ? Number.POSITIVE_INFINITY : 0));
}
