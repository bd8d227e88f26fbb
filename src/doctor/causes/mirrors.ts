// Mirrors that are not asked, asked at the wrong place, or passed over in silence.
import { writtenText } from '../../access/written.ts';
import type { Cause, Found } from './cause.ts';
import { held, isSameName, nameOf, probeLines } from './kit/hosts.ts';
import { isPullable, problemsOf } from './kit/problems.ts';
import { codesOf, hasPathTwice, isWrongPath } from './kit/replies.ts';
import { isKind, metLine, ofTroubles, troublesOf } from './kit/troubles.ts';

/** What keeps a mirror, or a list of insecure ones, from being read (src/access of each client). */
const ofMirror =
  /^(?:mirrors-with-config-path|containerd-table-ignored|config-path-list|hosts-toml-invalid|daemon-json-passed-over)$/;

const mirrorNotRead: Cause = {
  id: 'mirror-not-read',
  title: 'A mirror is configured where this client does not look',
  explanation:
    'The file that names the mirror is not one that this client reads: `mirrors` beside `config_path` in containerd, a `config_path` that another section has, a mirror of Docker for another registry than Hub, or the configuration of the CRI plugin while `ctr` pulls. The upstream is asked instead, or nobody.',
  says: {},
  decidedBy:
    'The file with the mirror, why it is passed over, and the endpoints that are asked in order.',
  remedy: [
    'containerd: `config_path = "/etc/containerd/certs.d"` under the registry section of its version, and `<host>/hosts.toml` there; `ctr` needs `--hosts-dir`.',
    'Docker: `registry-mirrors` holds for Docker Hub alone.',
  ],
  who: 'host administrator',
  seenIn: [
    'containerd/containerd#6438',
    'containerd/containerd#8053',
    'containerd/containerd#11478',
    'containerd/containerd#12550',
    'containerd/containerd#13246',
    'containerd/containerd#12636',
    'cks-course#93',
  ],
  find: (facts) => {
    const { candidates } = facts.route;
    const asked = candidates.flatMap(({ endpoints }) =>
      endpoints.map(({ url, role, written }) => `asked: ${url} (${role}, ${writtenText(written)})`),
    );
    const isHarmless = isPullable(facts);
    return problemsOf(facts, ofMirror).map(
      ({ written, message, isFatal }): Found => ({
        // A default stands in no file.
        at: written.in === 'default' ? `${facts.client.name}'s default` : writtenText(written),
        certainty: 'certain',
        // A pull that fails for something else is not made to fail by this.
        isHarmless: !isFatal && (isHarmless || !asked.every((line) => line.includes('(registry'))),
        probes: ['other-client'],
        evidence: [message, ...asked],
      }),
    );
  },
};

const mirrorPath: Cause = {
  id: 'mirror-path',
  title: 'The mirror is asked under a wrong path',
  explanation:
    'The host answers, but the path that the configuration makes is not where the mirror has its images: `/v2/` twice or not at all (`override_path`), the project of a proxy cache left out, or `library/` missing for official images.',
  says: {
    podman:
      'initializing source docker://<image>: fetching manifest <tag> in <repository>: pinging container registry <host>: StatusCode: 404, "<page>"',
  },
  decidedBy:
    'The URL that results, with 404 or a page where a manifest is due; the same without, or with, what the configuration puts in front is answered.',
  remedy: [
    'containerd: give the whole path with `/v2` in the URL and set `override_path = true`, or give the host alone.',
    'registries.conf: `location` is host and project, without `/v2`; write `docker.io/library` where official images are meant.',
  ],
  who: 'host administrator',
  seenIn: [
    'aws/eks-anywhere#10765',
    'goharbor/harbor#12719',
    'goharbor/harbor#14130',
    'goharbor/harbor#18530',
    'moby/moby#47144',
  ],
  find: ofTroubles(({ failure, endpoint }, facts) => {
    if (endpoint?.role !== 'mirror' || failure.hop !== 'registry') return undefined;
    const isOddPing = isKind(failure, 'unexpected-status') && failure.phase === 'ping';
    const isLost = failure.status === 404 || isKind(failure, 'bad-manifest') || isOddPing;
    const codes = codesOf(failure, facts);
    const isOther = held(facts, 'catalog-path', failure.host);
    const isTwice = hasPathTwice(endpoint);
    if (!isLost || (codes.includes('MANIFEST_UNKNOWN') && isOther !== true)) return undefined;
    const isSure = isWrongPath(endpoint, isOther);
    // A registry that says so itself knows its paths.
    if (!isSure && codes.length > 0) return undefined;
    const at = writtenText(endpoint.written);
    const evidence = [
      metLine(failure),
      ...(isTwice ? ['its path has /v2/ twice'] : []),
      `mirror ${endpoint.url}${endpoint.apiPath} of ${writtenText(endpoint.written)}`,
      ...probeLines(facts, 'catalog-path', failure.host),
    ];
    return isSure
      ? { at, evidence, certainty: 'certain', probes: ['catalog-path'] }
      : {
          at,
          evidence,
          certainty: 'possible',
          wouldTell: 'the same request without what the configuration puts in front of the path',
          probes: ['catalog-path'],
        };
  }),
};

const mirrorFallback: Cause = {
  id: 'mirror-fallback',
  title: 'The mirror fails, and the upstream is asked in its place without a word',
  explanation:
    'A mirror that does not answer or does not have the image is passed over. The pull works, from somewhere else than meant: slower, counted on a limit, or blocked tomorrow.',
  says: {},
  decidedBy:
    'The endpoint that served the pull, those that were asked before it, and why each failed.',
  remedy: ['Mend the mirror by what is said of it, or take it out of the configuration.'],
  who: 'host administrator',
  seenIn: [
    'distribution/distribution#3249',
    'containerd/containerd#9206',
    'containerd/containerd#4531',
    'containerd/containerd#7321',
    'docker/cli#4161',
  ],
  find: (facts) => {
    const healed = troublesOf(facts).filter(
      ({ isHealed, endpoint }) => isHealed && endpoint?.role === 'mirror',
    );
    const byHost = new Map(healed.map((one) => [nameOf(one.endpoint?.url ?? ''), one]));
    return [...byHost.values()].map(
      ({ failure, endpoint, pull }): Found => ({
        at: endpoint?.url ?? failure.host,
        certainty: 'certain',
        isHarmless: true,
        evidence: [
          `${metLine(failure)} (${failure.class})`,
          `served by ${pull.served?.url ?? 'another one'}`,
          ...(isSameName(failure.host, endpoint?.url ?? '')
            ? []
            : [`it failed at ${failure.host}`]),
        ],
      }),
    );
  },
};

export const mirrors = [mirrorNotRead, mirrorPath, mirrorFallback];
