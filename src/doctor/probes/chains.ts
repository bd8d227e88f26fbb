// Probes about certificates: does a chain become whole with the issuer that its last certificate names, and what time
// is it where one is out of its time?

import { withoutQuery } from '../../protocol/failure-evidence.ts';
import { dateOf } from '../../protocol/grammar/http-date.ts';
import { originOf } from '../../protocol/grammar/uri.ts';
import { isSafeOrigin } from '../../protocol/redirect.ts';
import type { HostFacts } from '../facts.ts';
import { placeOf } from '../places.ts';
import type { Performed } from '../tracer.ts';
import type { Certificate, Reading } from '../wire.ts';
import {
  type Asking,
  type Came,
  everyExchange,
  type Known,
  type Probe,
  sample,
  sampleRequest,
  wayOf,
} from './probe.ts';

const certificateBytesMax = 64 * 1024;

const issuer: Probe['asks'] = (known) =>
  known.hosts.flatMap((host) => {
    const last = host.handshake?.chain.at(-1);
    const exchange = everyExchange(known).find((one) => one.host === host.host);
    if (host.handshake?.problem !== 'unknown-ca' || exchange === undefined) return [];
    if (last === undefined || last.isSelfSigned || !mayBeAsked(last, exchange)) return [];
    return [askIssuer(known, host, last.issuerUrl ?? '', exchange)];
  });

/** A certificate is no reason to ask what no redirect may lead to. */
function mayBeAsked({ issuerUrl = '' }: Certificate, { request }: Performed): boolean {
  return isSafeOrigin(originOf(issuerUrl), originOf(request.url));
}

function askIssuer(
  known: Known,
  { host: at }: HostFacts,
  url: string,
  exchange: Performed,
): Asking {
  const { endpoint, proxy, request } = exchange;
  const { wire, proxyFor } = known.means;
  const { host = '', port = 443 } = placeOf(request.url) ?? {};
  const asked = `a handshake with ${at}, with the certificate of ${withoutQuery(url).slice(0, 200)}`;
  const run = async (): Promise<Came> => {
    const pieces: Uint8Array[] = [];
    const reading: Reading = {
      sink: async (piece) => void pieces.push(piece),
      bytesMax: certificateBytesMax,
      msMax: known.means.limits.probeMs,
    };
    const way = wayOf(known, endpoint.trust, proxyFor(url, endpoint));
    const reply = await wire.exchange(sampleRequest(url), way, reading);
    if (reply.status !== 200) return { reply, answer: 'it cannot be fetched', held: false };
    const besides = [Buffer.concat(pieces)];
    const handshake = await wire.handshake({
      host,
      port,
      way: wayOf(known, endpoint.trust, proxy),
      besides,
    });
    const held = handshake.failure === '' && handshake.problem !== 'unknown-ca';
    const answer = held
      ? 'the chain is trusted with it'
      : 'the chain is not trusted with it, either';
    return { handshake, answer, held };
  };
  return { host: at, asked, run };
}

const outOfTime: readonly string[] = ['expired', 'not-yet-valid'];

/** Asked of whoever shows the certificate, without credentials; nothing of the reply counts but its `Date`. */
const clock: Probe['asks'] = (known) =>
  known.hosts.flatMap(({ host, handshake }) => {
    const exchange = everyExchange(known).find((one) => one.host === host);
    if (exchange === undefined || !outOfTime.includes(handshake?.problem ?? '')) return [];
    const { endpoint, proxy, request } = exchange;
    const url = `${originOf(request.url)}/v2/`;
    const trust = { ...endpoint.trust, unverified: { in: 'probe', line: 0 } };
    const run = async (): Promise<Came> => {
      const way = wayOf(known, trust, proxy);
      const reply = await known.means.wire.exchange(sampleRequest(url), way, sample);
      const date = reply.header('Date');
      const held = dateOf(reply) !== undefined;
      return { reply, answer: held ? `Date: ${date}` : 'no time is told', held };
    };
    return [{ host, asked: `GET ${url} for its Date, the certificate not looked at`, run }];
  });

export const chainProbes: readonly Probe[] = [
  { id: 'issuer', asks: issuer },
  { id: 'clock', asks: clock },
];
