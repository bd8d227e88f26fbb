// What a check is, what it is given, and the few words in which checks state what they expect.
// Sending the requests is ask.ts; running checks and keeping the evidence is src/run/conform/checks.ts.
import type { CheckLevel, Stumble } from '../../reports/results.ts';
import type { Credentials } from '../protocol/client.ts';
import type { Descriptor } from '../protocol/grammar/manifest-document.ts';
import type { Exchange } from '../protocol/redirect.ts';
import type { Actions, Session } from '../protocol/session.ts';
import type { HttpReply, HttpRequest, Talk } from '../protocol/talk.ts';
import type { Cell } from './cells.ts';

/** One declared check. Its id is for ever: JUnit name, `--only` key, entry of baselines. */
export interface Check {
  readonly id: string;
  readonly level: CheckLevel;
  /** Anchor in the spec, such as `distribution-spec/spec.md#pulling-blobs`. */
  readonly section: string;
  /** The requirement in our own words. */
  readonly requirement: string;
  /** Why a user of the registry cares. */
  readonly why: string;
  /** Facts of the survey without which the check says nothing (`void`, or `unsupported`). */
  readonly needs: readonly Need[];
  /**
   * Ids of the checks that must hold for this one to judge anything: it takes for given what they demand
   * (kit/given.ts) and is void where that is not so. What these depend on need not be named again.
   */
  readonly dependsOn?: readonly string[];
  /** What it asks, and in which state of things: cells of the matrix (cells.ts), which is shown in docs/conform.md. */
  readonly covers?: readonly Cell[];
  /**
   * No other check runs beside it. For deleting: registries go through all tags for it, and some answer
   * 500 when one of them is being written (docker-registry 2.8), which is not what the check is about.
   */
  readonly isAlone?: boolean;
  /** It judges what a rate limit says; any other check that meets one is void. */
  readonly judgesLimits?: true;
  /** It judges what came in the whole run (`Facts.stumbles`), and runs when all others and the clean-up have. */
  readonly judgesRun?: true;
  /** Where it is written, from the root of the project; said by the catalogue. */
  readonly file?: string;
  /** The folder of that file; faults of the same subject have the same one. */
  readonly room?: string;
  /** Says what holds, in one line, or throws by one of the words below. */
  run(context: CheckContext): Talk<string>;
}

/** What must be so for a check to say anything; `needWords` has what each means. */
export type Need =
  | 'reference'
  | 'top'
  | 'index'
  | 'image'
  | 'challenge'
  | 'bearer'
  | 'redirect'
  | 'push';

/** What each means, for people. */
export const needWords: Readonly<Record<Need, string>> = {
  reference: 'there is something to read',
  top: 'the manifest that the reference names could be read',
  index: 'the reference names an index',
  image: 'a manifest of an image could be read',
  challenge: 'the registry asks for authentication',
  bearer: 'the registry uses bearer tokens',
  redirect: 'the registry redirects blobs',
  push: 'the run may push',
};

/** The neutral set-up of a run, and what the survey learned about the image. */
export interface CheckContext {
  readonly registryUrl: string;
  readonly repository: string;
  /** Tag, or digest when the user gave one. */
  readonly reference: string;
  readonly credentials: Credentials | undefined;
  readonly redirectPolicy: 'required' | 'allowed' | 'forbidden';
  /** Hosts besides the registry that redirects may lead to, as `cdn.example`, `host:port` or `*.example`. */
  readonly allowHosts: readonly string[];
  /** Another repository that may be pushed to, for mounts and for what must not leak. */
  readonly otherRepository: string;
  readonly mayPush: boolean;
  /** Lower-case hex of the run's seed, to name things that cannot exist. */
  readonly nonce: string;
  readonly facts: Facts;
  /** The check that runs; absent before the checks and after them. */
  readonly running?: Pick<Check, 'id' | 'dependsOn'>;
  /** Exchanges of the check that runs in which a server failed by itself, so far; a try begins with none. */
  readonly stumbles: readonly Exchange[];
  /** Whether the check has failed, or warned, by now. */
  hasFailed(check: string): boolean;
  /** What the run has put into the registry and the clean-up takes away, in order. */
  readonly leftovers: Leftover[];
  /**
   * A session of the neutral client, shared by all who name the same repository (default that of the
   * run), the same actions (default what the run may do) and the same further scopes (default none).
   */
  session(repository?: string, actions?: Actions, extraScopes?: readonly string[]): Session;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Facts {
  /** The first 401 seen, if any: the registry wants authentication. */
  challenged?: { request: HttpRequest; reply: HttpReply };
  /** Schemes of all challenges seen, `bearer` and `basic` alone. */
  schemes?: Set<string>;
  /** What the reference names. */
  top?: StoredManifest;
  /** Entries of the index, when the reference names one. */
  index?: readonly Descriptor[];
  /** The entry of the index that was followed to `image`. */
  entry?: Descriptor;
  /** The manifest of one platform (the reference's own when it is no index). */
  image?: StoredManifest & { readonly config: Descriptor; readonly layers: readonly Descriptor[] };
  /** The first exchange for a blob, when it ends in a redirect: of the config, else of the smallest layer. */
  redirect?: { request: HttpRequest; reply: HttpReply; blob: Descriptor };
  /** The first replies of the run that were 429, as far as there were any. */
  limited?: { request: HttpRequest; reply: HttpReply }[];
  /** What servers did in passing that no valid request should get, each kind once; known at the end. */
  stumbles?: readonly Stumble[];
  /** Why the image of the run's own could not be pushed. */
  unpushed?: string;
  /** Why the survey could not learn more. */
  problem?: string;
  /** Our own bug, where the survey broke because of one. */
  defect?: string;
}

export interface StoredManifest {
  /** Of the bytes that came, in the algorithm that the registry itself uses for them. */
  readonly digest: string;
  /** Content-Type as it was sent, '' without one. */
  readonly mediaType: string;
  readonly text: string;
  readonly bytes: number;
}

/** The registry does not do what the check expects. */
export class Broken extends Error {
  readonly expected: string;
  readonly actual: string;
  constructor(expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`);
    this.name = 'Broken';
    this.expected = expected;
    this.actual = actual;
  }
}

/** The registry says, in a permitted way, that it does not offer this. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** There is nothing to judge, because what another check demands is not there. */
export class Void extends Error {
  override readonly name = 'Void';
  /** What was taken for given and is not so: by which check, and what came instead. */
  readonly given?: Given;
  constructor(message: string, given?: Given) {
    super(message);
    if (given !== undefined) this.given = given;
  }
}

export interface Given {
  /** Id of the check that demands it. */
  readonly check: string;
  readonly because: string;
}

/** Something that the run has left in the registry. */
export interface Leftover {
  readonly kind: 'manifest' | 'blob';
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  /** Of the manifest that a tag was pushed with. */
  readonly digest?: string;
}
