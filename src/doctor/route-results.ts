// A route as results and `explain` show it: in words, each with file and line, and without any secret.

import type { DoctorRoute } from '../../reports/results.ts';
import type {
  Candidate,
  ConfigProblem,
  Endpoint,
  FoundCredentials,
  FoundProxy,
  Looked,
  Route,
  Trust,
} from '../access/route.ts';
import { writtenText } from '../access/written.ts';

/** Of results, and what `explain` says besides. */
export interface ExplainedRoute extends Omit<DoctorRoute, 'candidates'> {
  image: string;
  client: string;
  /** The client would end before it asked anybody. */
  refused: boolean;
  /** Why it would ask a person which name is meant, or refuse where it cannot. */
  ambiguous?: string;
  candidates: (Omit<PlainCandidate, 'endpoints'> & {
    endpoints: ExplainedEndpoint[];
    /** Mirrors that are configured for it and not asked. */
    leftOut: string[];
  })[];
}

type PlainCandidate = DoctorRoute['candidates'][number];

export type ExplainedEndpoint = PlainCandidate['endpoints'][number] & {
  /** What is asked first, without query. */
  manifest: string;
  /** What the endpoint is asked for; '' for all. */
  only: string;
  /** Whether HTTP is spoken, and who says so; '' where it is not. */
  plainHttp: string;
  /** Names of header lines that the configuration adds, and the registry that `?ns=` names. */
  adds: string[];
  credentialFiles: DoctorRoute['files'];
  certificateFolders: DoctorRoute['files'];
};

export function routeForResults(route: Route): DoctorRoute {
  return {
    candidates: route.candidates.map((candidate) => ({
      ...headOf(candidate),
      endpoints: candidate.endpoints.map(endpointOf),
    })),
    files: filesOf(route).map(fileOf),
    problems: problemsOf(route).map(problemOf),
  };
}

export function explainRoute(route: Route): ExplainedRoute {
  const { ambiguous, client, text } = route;
  return {
    ...routeForResults(route),
    image: text,
    client,
    refused: isRefused(route),
    ...(ambiguous !== undefined && { ambiguous: ambiguousWords(ambiguous) }),
    candidates: route.candidates.map((candidate) => ({
      ...headOf(candidate),
      endpoints: candidate.endpoints.map((endpoint) => ({
        ...endpointOf(endpoint),
        ...explainedOf(endpoint),
      })),
      leftOut: (candidate.leftOut ?? []).map(
        ({ name, why, written }) => `${name}: ${why} (${writtenText(written)})`,
      ),
    })),
  };
}

/** Whether the client would ask nobody: it is told to, it cannot choose, or its configuration ends it. */
export function isRefused({ candidates, ambiguous, problems }: Route): boolean {
  const endsOf = ({ credentials, trust }: Endpoint) =>
    [...credentials.problems, ...trust.problems].some(({ isFatal }) => isFatal);
  return (
    ambiguous?.refused === true ||
    problems.some(({ isFatal }) => isFatal) ||
    candidates.every(({ endpoints }) => endpoints.every(endsOf))
  );
}

function headOf({ name, how, written, blocked }: Candidate) {
  return {
    name,
    how,
    written: writtenText(written),
    ...(blocked !== undefined && { blocked: writtenText(blocked) }),
  };
}

function endpointOf(endpoint: Endpoint): DoctorRoute['candidates'][number]['endpoints'][number] {
  const { role, url, repository, written, credentials, trust, proxy } = endpoint;
  return {
    role,
    url,
    repository,
    written: writtenText(written),
    credential: credentialWords(credentials),
    trust: url.startsWith('http:') ? 'plain HTTP: nobody is verified' : trustWords(trust),
    proxy: proxyWords(proxy),
  };
}

function explainedOf(
  endpoint: Endpoint,
): Omit<ExplainedEndpoint, keyof ReturnType<typeof endpointOf>> {
  const { url, apiPath, repository, reference, resolves, pulls, namespace } = endpoint;
  const abilities = [...(resolves ? ['resolve'] : []), ...(pulls ? ['pull'] : [])];
  return {
    manifest: `${url}${apiPath}/${repository}/manifests/${reference}`,
    only: resolves && pulls ? '' : abilities.join(', ') || 'nothing of a pull',
    plainHttp: plainHttpWords(endpoint),
    adds: [
      ...(namespace === undefined ? [] : [`?ns=${namespace}`]),
      ...endpoint.headers.map(([name]) => `the header ${name}`),
    ],
    credentialFiles: endpoint.credentials.looked.map(fileOf),
    certificateFolders: endpoint.trust.looked.map(fileOf),
  };
}

function credentialWords({ credentials, key, written, helper, endsMs }: FoundCredentials): string {
  if (credentials === undefined) return 'none found';
  const { username, identityToken } = credentials;
  const what =
    identityToken === undefined
      ? `user ${username}`
      : `an identity token${username && ` of ${username}`}`;
  const ends = endsMs === undefined ? '' : `, valid until ${new Date(endsMs).toISOString()}`;
  const by = helper === undefined ? '' : `, by docker-credential-${helper}`;
  const from = written === undefined ? '' : ` (${writtenText(written)})`;
  return `${what}${key === undefined ? '' : `, key ${key}`}${by}${ends}${from}`;
}

function trustWords({ unverified, ca, client }: Trust): string {
  const shown =
    client === undefined ? '' : `, shows the certificate of ${writtenText(client.written)}`;
  if (unverified !== undefined) return `any certificate (${writtenText(unverified)})${shown}`;
  const also = [...new Set(ca.map(({ written }) => writtenText(written)))];
  return `the system's certificates${also.map((place) => `, and ${place}`).join('')}${shown}`;
}

/** Without user and password. */
function proxyWords({ proxy, written, exempt }: FoundProxy): string {
  if (exempt !== undefined) {
    const isBuiltIn = exempt.written.in === 'default';
    const why = isBuiltIn ? `${exempt.entry} is this machine` : `NO_PROXY has ${exempt.entry}`;
    return `none: ${why}${isBuiltIn ? '' : ` (${writtenText(exempt.written)})`}`;
  }
  if (proxy === undefined) return 'none';
  const host = proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host;
  const by = written === undefined ? '' : ` (${writtenText(written)})`;
  return `${proxy.scheme}://${host}:${proxy.port}${by}`;
}

function plainHttpWords({ plainHttp, insecure }: Endpoint): string {
  if (plainHttp === 'never') return '';
  const by = insecure === undefined ? '' : ` (${writtenText(insecure)})`;
  return plainHttp === 'only' ? `always${by}` : `where HTTPS fails${by}`;
}

function ambiguousWords({ refused, written }: NonNullable<Route['ambiguous']>): string {
  const what = refused
    ? 'the name may mean several, and there is nobody to ask'
    : 'the name may mean several: the client asks which';
  return `${what} (${writtenText(written)})`;
}

/** Of the name, then of credentials and certificates; each once, as it was found first. */
function filesOf({ files, candidates }: Route): Looked[] {
  const endpoints = candidates.flatMap((candidate) => candidate.endpoints);
  const all = [
    ...files,
    ...endpoints.flatMap(({ credentials }) => credentials.looked),
    ...endpoints.flatMap(({ trust }) => trust.looked),
  ];
  const found = new Map<string, Looked>();
  for (const file of all) {
    if (found.get(file.path)?.state !== 'used') {
      const isNew = !found.has(file.path) || file.state === 'used';
      if (isNew) found.set(file.path, file);
    }
  }
  return [...found.values()];
}

function fileOf({ path, state }: Looked): DoctorRoute['files'][number] {
  return { path, state };
}

/** Those of the route and of its endpoints, each once. */
function problemsOf({ problems, candidates }: Route): ConfigProblem[] {
  const endpoints = candidates.flatMap((candidate) => candidate.endpoints);
  const all = [
    ...problems,
    ...endpoints.flatMap(({ credentials, trust }) => [...credentials.problems, ...trust.problems]),
  ];
  return [
    ...new Map(
      all.map((one) => [`${one.id} ${writtenText(one.written)} ${one.message}`, one]),
    ).values(),
  ];
}

function problemOf({ id, written, message, hint, isFatal }: ConfigProblem) {
  return { id, written: writtenText(written), message, hint, fatal: isFatal };
}
