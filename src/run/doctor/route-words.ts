// The route of an image in the words of a results document: who is asked, by which setting. Never a secret.
import type { DoctorRoute } from '../../../reports/results.ts';
import type { Candidate, Endpoint, Route, Written } from '../../access/route.ts';
import { originAt } from '../../doctor/places.ts';

export function routeWords({ candidates, files, problems }: Route): DoctorRoute {
  return {
    candidates: candidates.map(candidateWords),
    files: files.map(({ path, state }) => ({ path, state })),
    problems: problems.map(({ id, written, message, hint, isFatal }) => {
      return { id, written: placeWords(written), message, hint, fatal: isFatal };
    }),
  };
}

function candidateWords({ name, how, written, blocked, endpoints }: Candidate) {
  return {
    name,
    how,
    written: placeWords(written),
    ...(blocked !== undefined && { blocked: placeWords(blocked) }),
    endpoints: endpoints.map((endpoint) => ({
      role: endpoint.role,
      url: originAt(endpoint),
      repository: endpoint.repository,
      written: placeWords(endpoint.written),
      credential: credentialWords(endpoint),
      trust: trustWords(endpoint),
      proxy: proxyWords(endpoint),
    })),
  };
}

/** `file:line`. */
export function placeWords({ in: where, line }: Written): string {
  return line === 0 ? where : `${where}:${line}`;
}

function credentialWords({ credentials: found }: Endpoint): string {
  const { credentials, key, written, helper } = found;
  if (credentials === undefined) return 'none';
  const who = credentials.username === '' ? 'a token' : credentials.username;
  const by = helper === undefined ? '' : ` by docker-credential-${helper}`;
  const where = written === undefined ? '' : ` from ${placeWords(written)}`;
  return `${who}${by}${where}${key === undefined ? '' : ` (${key})`}`;
}

function trustWords({ trust: { unverified, ca, client }, insecure, plainHttp }: Endpoint): string {
  if (plainHttp === 'only') {
    return `plain HTTP${insecure === undefined ? '' : ` (${placeWords(insecure)})`}`;
  }
  if (unverified !== undefined) return `not verified (${placeWords(unverified)})`;
  const own = ca.map(({ written }) => placeWords(written));
  const shown = client === undefined ? [] : [`client certificate ${placeWords(client.written)}`];
  return ['system', ...own, ...shown].join(', ');
}

function proxyWords({ proxy: { proxy, written, exempt } }: Endpoint): string {
  if (proxy !== undefined) {
    const where = written === undefined ? '' : ` (${placeWords(written)})`;
    return `${proxy.scheme}://${proxy.host}:${proxy.port}${where}`;
  }
  return exempt === undefined
    ? 'none'
    : `none, by ${exempt.entry} in ${placeWords(exempt.written)}`;
}
