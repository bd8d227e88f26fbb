// One mock: its three servers over one store, the faults between them and the client, and the choice of
// the server that answers. Transport-free: fetch.ts and server.ts bring calls here.
import { createHmac } from 'node:crypto';
import {
  type BodyPlan,
  type Call,
  type CallHead,
  carriesBody,
  errorReply,
  formBytesMax,
  type Hop,
  type Reply,
  type Tempo,
} from './call.ts';
import { Cdn } from './cdn/cdn.ts';
import type { CdnKeys, CdnStyle } from './cdn/signature.ts';
import { answerAdmin } from './faults/admin.ts';
import { parseChoice } from './faults/choice.ts';
import { type ActiveFault, FaultEngine, type Watch } from './faults/engine.ts';
import type { Place } from './faults/fault.ts';
import type { Front, FrontName } from './fronts/front.ts';
import { fronts } from './fronts/index.ts';
import { type ImageSet, type SeededImage, seedImages } from './images.ts';
import { type PolicyOptions, policyOf } from './registry/policy.ts';
import { Registry } from './registry/registry.ts';
import { type Route, routeOf } from './registry/route.ts';
import type { AuthKind, Origins, Site, TokenField } from './site.ts';
import { MemoryStorage } from './store/memory.ts';
import { Budget } from './store/storage.ts';
import { Store } from './store.ts';
import { JwtMint } from './tokens/jwt.ts';
import { parsePermission } from './tokens/permissions.ts';
import type { TokenKeys } from './tokens/token-keys.ts';
import { TokenServer, tokenPath } from './tokens/token-server.ts';
import { TokenMint } from './tokens/tokens.ts';

export interface MockOptions extends PolicyOptions {
  /** Of content, password and keys; default 1. */
  readonly seed?: number | undefined;
  /** What there is to pull (readImages), default three small images. */
  readonly images?: ImageSet | undefined;
  /** Default `bearer`: anyone may pull with an anonymous token. */
  readonly auth?: AuthKind | undefined;
  /** How blobs are served, default 302; `none`: by the registry itself. */
  readonly redirect?: 302 | 307 | 'none' | undefined;
  /** Default `demo`. */
  readonly username?: string | undefined;
  /** Default: made from the seed. */
  readonly password?: string | undefined;
  /** Default 300. */
  readonly tokenTtlSeconds?: number | undefined;
  /** Names under which a token is given to a GET, default both (token.md knows either). */
  readonly tokenFields?: readonly TokenField[] | undefined;
  /** Sign tokens by this key as JWTs, which other registries accept that trust its certificate. */
  readonly tokenKeys?: TokenKeys | undefined;
  /** As `anonymous:demo/app=none` (permissions.ts), for tokens; the first that fits counts. */
  readonly permissions?: readonly string[] | undefined;
  /** Default 60. */
  readonly cdnTtlSeconds?: number | undefined;
  /** Default `cloudfront`. */
  readonly cdnStyle?: CdnStyle | undefined;
  /** Edges with caches of their own, from 1, default 3; connections take turns. */
  readonly cdnEdges?: number | undefined;
  /** Stand in for a front that takes no pushes (fronts/); it says whether authentication is asked for. */
  readonly like?: FrontName | undefined;
  /** Ids of the catalogue, with or without limits (faults/choice.ts), applied in this order. */
  readonly faults?: readonly string[] | undefined;
  /** Let whoever reaches the mock see and switch its faults (admin.ts). */
  readonly admin?: boolean | undefined;
  /** Where content is kept; default in memory, at most `storeBytesMax`. The caller closes it. */
  readonly store?: Store | undefined;
  /** Of blobs, manifests and uploads under way in memory together, default 2 GB. */
  readonly storeBytesMax?: number | undefined;
  /** How long a stalled body hangs before the connection is reset, default 60,000. */
  readonly stallMs?: number | undefined;
  /** How long a late head lets wait, default 3,000. */
  readonly slowMs?: number | undefined;
  /** Pause before each byte of a body that drips, default 1,000. */
  readonly dripMs?: number | undefined;
  /** Milliseconds since 1970, default Date.now. */
  readonly now?: (() => number) | undefined;
  /** Told of every call that is answered, and what it is about. */
  readonly watch?: Watch | undefined;
}

/** Of one upload to another place than the registry's, in memory. */
const elsewhereBytesMax = 16 * 1024 ** 2;
const cdnEdgesDefault = 3;
const storeBytesDefault = 2e9;
const tempoDefault: Tempo = { stallMs: 60_000, slowMs: 3_000, dripMs: 1_000 };

export class Mock {
  readonly store: Store;
  readonly images: readonly SeededImage[];
  readonly origins: Origins;
  readonly username: string;
  readonly password: string;
  readonly tempo: Tempo;
  readonly #site: Site;
  readonly #cdn: Cdn;
  readonly #tokenServer: TokenServer;
  readonly #registry: Registry;
  readonly #front: Front | undefined;
  readonly #engine: FaultEngine;
  readonly #hasAdmin: boolean;

  /**
   * @throws UserError `fault-unknown`, `fault-limit`, `permission-unreadable`, `warning-invalid`,
   * `token-keys-unfit`
   */
  constructor(origins: Origins, options: MockOptions) {
    const seed = options.seed ?? 1;
    const now = options.now ?? Date.now;
    const secret = (use: string) => createHmac('sha256', String(seed)).update(use).digest();
    this.origins = origins;
    this.#front = options.like === undefined ? undefined : fronts[options.like]();
    this.username = options.username ?? 'demo';
    this.password = options.password ?? secret('password').toString('hex').slice(0, 24);
    this.tempo = {
      stallMs: options.stallMs ?? tempoDefault.stallMs,
      slowMs: options.slowMs ?? tempoDefault.slowMs,
      dripMs: options.dripMs ?? tempoDefault.dripMs,
    };
    const bytesMax = options.storeBytesMax ?? storeBytesDefault;
    this.store = options.store ?? new Store({ storage: new MemoryStorage(new Budget(bytesMax)) });
    this.images = this.store.seed(
      () => options.images?.putInto(this.store) ?? seedImages(this.store, seed),
    );
    this.#site = {
      store: this.store,
      origins,
      auth: this.#front?.auth ?? options.auth ?? 'bearer',
      redirect: this.#front?.redirect ?? options.redirect ?? 302,
      username: this.username,
      password: this.password,
      policy: policyOf(options),
      service: new URL(origins.registry).host,
      tokenTtlSeconds: options.tokenTtlSeconds ?? 300,
      tokenFields: options.tokenFields ?? ['token', 'access_token'],
      permissions: (options.permissions ?? []).map(parsePermission),
      cdnTtlSeconds: options.cdnTtlSeconds ?? 60,
      cdnStyle: options.cdnStyle ?? 'cloudfront',
      cdnEdges: options.cdnEdges ?? cdnEdgesDefault,
      key: secret('key'),
      now,
    };
    const opaque = new TokenMint(this.#site.key, now);
    const { tokenKeys } = options;
    const mint = tokenKeys === undefined ? opaque : new JwtMint(tokenKeys, opaque, now);
    this.#cdn = new Cdn(this.#site);
    this.#tokenServer = new TokenServer(this.#site, mint);
    this.#registry = new Registry(this.#site, mint, this.#cdn);
    this.#hasAdmin = options.admin === true;
    this.#engine = new FaultEngine(this.store, this.images, seed, options.watch);
    for (const text of options.faults ?? []) this.#engine.switchOn(parseChoice(text));
  }

  /** Faults that are switched on. */
  get activeFaults(): readonly ActiveFault[] {
    return this.#engine.list();
  }

  /** What checks the signatures of the CDN's URLs. */
  get keys(): CdnKeys {
    return this.#cdn.keys;
  }

  /** As `answer`, when what a push has changed is safe in the store, and without what came in vain. */
  serve(call: Call): Reply | Promise<Reply> {
    const reply = this.answer(call);
    call.staged?.release();
    const isChange = carriesBody(call.method) || call.method === 'DELETE';
    if (!isChange || this.store.isSettled) return reply;
    return this.store.settle().then(
      () => reply,
      () => ({ ...reply, ...errorReply(503, 'UNSUPPORTED', 'the store cannot be written') }),
    );
  }

  /** What becomes of a body of more than `shortBytesMax` that is still to come. */
  planFor(head: CallHead): BodyPlan {
    const place = this.#placeOf(head) ?? routeOf(head.path).endpoint;
    if (place === 'token') return { holdBytesMax: formBytesMax };
    // Uploads come here where a fault says that they go on elsewhere.
    if (place === 'edge' || place === 'foreign') return { holdBytesMax: elsewhereBytesMax };
    return this.#front === undefined ? this.#registry.planFor(head) : 'unread';
  }

  /** The reply to send as it is. Never throws for what a client sends. */
  answer(call: Call): Reply {
    if (this.#hasAdmin && call.hop === 'registry') {
      const reply = answerAdmin(call, this.#engine);
      if (reply !== undefined) return reply;
    }
    const route = routeOf(call.path);
    const place = this.#placeOf(call) ?? route.endpoint;
    const site = this.#site;
    const [registry, tokens, cdn] = [this.#registry, this.#tokenServer, this.#cdn];
    const scene = { call, route, place, site, registry, tokens, cdn };
    const reply = this.#engine.instead(scene) ?? this.#answerAt(place, call, route);
    return this.#engine.apply(reply, scene);
  }

  #answerAt(place: Place, call: Call, route: Route): Reply {
    if (place === 'token') return this.#tokenServer.answer(call);
    if (place === 'edge') return this.#cdn.answer(call);
    const [site, registry] = [this.#site, this.#registry];
    if (this.#front === undefined || call.hop === 'edge') return registry.answer(call);
    return this.#front.answer({ call, route, site, registry });
  }

  /** The server that a call is for, which may share its address with another. */
  hopOf(call: Pick<Call, 'hop' | 'path'>): Hop {
    return this.#placeOf(call) ?? 'registry';
  }

  /** Undefined: an endpoint of the registry. */
  #placeOf(call: Pick<Call, 'hop' | 'path'>): 'token' | 'edge' | undefined {
    const isBehind = this.#front?.isRedirector === true && call.path.startsWith('/v2/');
    if (call.hop !== 'registry') return call.hop === 'edge' && isBehind ? undefined : call.hop;
    const isShared = this.origins.token === this.origins.registry;
    if (isShared && call.path === tokenPath) return 'token';
    // Only a relative redirect leads here.
    return this.#cdn.owns(call.path) ? 'edge' : undefined;
  }
}
