// What the kill matrix is made of: the set-ups of the mock, one run of the checks against one of them, and
// what such a run noticed.
import { createHash } from 'node:crypto';
import type { View } from '../../mocks/faults/engine.ts';
import type { SeededImage } from '../../mocks/images.ts';
import { createRegistry, type RegistryOptions } from '../../mocks/index.ts';
import type { Store } from '../../mocks/store.ts';
import type { CheckResult } from '../../reports/results.ts';
import { checks } from '../../src/checks/catalogue.ts';
import type { Check } from '../../src/checks/check.ts';
import { standardTag } from '../../src/checks/setup/standard-image.ts';
import { Redactor } from '../../src/drivers/redact.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import type { Talk } from '../../src/protocol/talk.ts';
import { runChecks } from '../../src/run/conform/checks.ts';
import { inProcess } from '../lib/in-process.ts';

/** What judges a whole run is run with those that push, which meet nearly everything. */
const isPushing = ({ needs, judgesRun }: Check) => needs.includes('push') || judgesRun === true;

export const readingChecks = checks.filter((check) => !isPushing(check));
export const pushingChecks = checks.filter(isPushing);

const foreverMs = 3_600_000;

/** One moment for all runs: signatures and tokens depend on the clock. */
const now = () => Date.UTC(2026, 0, 2);

export type Setup = Pick<RegistryOptions, 'auth' | 'redirect' | 'faults'> & {
  /** Which of the mock's images is read. */
  readonly image?: number;
  /** Run the checks that push, with the user's credentials, instead of those that read. */
  readonly push?: true;
  /** Checks that run at once, default 1, because some faults remember. */
  readonly jobs?: number;
  /** Ids of the checks to run, default all. */
  readonly only?: ReadonlySet<string>;
  /** Told of each fault how often it struck, when the run is over. */
  readonly onStrikes?: (fault: string, strikes: number) => void;
};

/** Where every fault shows: an index, bearer tokens, a redirect that is demanded. */
export const reference: Setup = { image: 0, auth: 'bearer', redirect: 302 };

/** The same for the checks that push. */
export const pushing: Setup = { ...reference, push: true };

export const others: readonly Setup[] = [
  { image: 1, auth: 'bearer', redirect: 307 },
  { image: 2, auth: 'basic', redirect: 302 },
  { image: 0, auth: 'none', redirect: 'none' },
  { image: 1, auth: 'none', redirect: 302 },
  { image: 2, auth: 'bearer', redirect: 'none' },
];

/** A call of a run, and the status of the sound reply to it. */
export interface Seen {
  readonly view: View;
  readonly status: number;
  /** Of the check that made it; undefined before the first check. */
  readonly check: string | undefined;
}

/** Looks at the conversation of a check, and passes it on. */
export type Listen = (check: string, talk: Talk<string>) => Talk<string>;

/** One run of the checks against a mock of its own, in process. */
export async function run(
  setup: Setup,
  onCall?: (seen: Seen) => void,
  listen: Listen = (_, talk) => talk,
): Promise<CheckResult[]> {
  const { auth = 'bearer', redirect = 302 } = setup;
  const chosen = (setup.push === true ? pushingChecks : readingChecks).filter(
    ({ id }) => setup.only?.has(id) ?? true,
  );
  let done = 0;
  let hasBegun = false;
  // However slow the machine is, it is the driver that gives up.
  const registry = createRegistry({
    auth,
    redirect,
    faults: setup.faults,
    admin: setup.onStrikes !== undefined,
    // Somebody else's, for mounts that may not be.
    permissions: ['user:pullproof-foreign-*=none'],
    stallMs: foreverMs,
    dripMs: foreverMs,
    slowMs: 1,
    now,
    watch: (view, { status }) =>
      onCall?.({ view, status, check: hasBegun ? chosen[done]?.id : undefined }),
  });
  const image = registry.images[setup.image ?? 0];
  if (image !== undefined && setup.push !== true) fillLists(registry.store, image);
  const { username, password } = registry;
  const { results } = await runChecks({
    checks: chosen.map((check) => ({
      ...check,
      run(context) {
        hasBegun = true;
        return listen(check.id, check.run(context));
      },
    })),
    perform: inProcess(registry.fetch),
    redactor: new Redactor(),
    registryUrl: registry.origins.registry,
    ...(setup.push === true
      ? { repository: 'scratch/one', reference: standardTag({ nonce: '00000001' }) }
      : { repository: image?.repository ?? '', reference: image?.tag ?? '' }),
    otherRepository: 'scratch/two',
    mayPush: setup.push === true,
    credentials: auth === 'basic' || setup.push === true ? { username, password } : undefined,
    redirectPolicy: redirect === 'none' ? 'forbidden' : 'required',
    allowHosts: [new URL(registry.origins.cdn).hostname],
    jobs: setup.jobs ?? 1,
    seed: 1,
    now,
    // What is tried again is tried at once.
    pause: async () => {},
    onResult: () => {
      done++;
    },
  });
  if (setup.onStrikes !== undefined) {
    const asked = new Request(`${registry.origins.registry}/_pullproof/faults`);
    const active = (await (await registry.fetch(asked)).json()) as {
      faults: { id: string; strikes: number }[];
    };
    for (const { id, strikes } of active.faults) setup.onStrikes(id, strikes);
  }
  return results;
}

/** Other tags, and something that refers to the image, so that a run that only reads finds lists of several. */
function fillLists(store: Store, { repository, tag }: SeededImage): void {
  const top = store.manifest(repository, tag);
  if (top === undefined) return;
  for (const name of ['0.9', '1.1', 'V1.1-rc', 'edge', 'stable']) {
    store.putTag(repository, name, top.digest);
  }
  const subject = { mediaType: top.mediaType, digest: top.digest, size: top.bytes.length };
  const config = { mediaType: mediaTypes.ociEmpty, digest: emptyDigest, size: 2 };
  for (const kind of ['sbom', 'signature']) {
    const artifactType = `application/vnd.example.${kind}`;
    const own = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType };
    const manifest = { ...own, config, layers: [config], subject };
    const bytes = Buffer.from(JSON.stringify(manifest));
    store.putManifest(repository, bytes, mediaTypes.ociManifest);
  }
}

const emptyDigest = `sha256:${createHash('sha256').update('{}').digest('hex')}`;

/** Ids of the checks that noticed something; what is void or unsupported noticed nothing. */
export function noticers(results: readonly CheckResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .map(({ id }) => id)
    .sort();
}

/** What each check came to, in a line. */
export const said = (results: readonly CheckResult[]) =>
  results.map((result) => `${result.id} ${result.verdict}: ${result.actual.slice(0, 300)}`);

export const name = ({ image, auth, redirect }: Setup) =>
  `image ${image}, auth ${auth}, redirect ${redirect}`;
