// Which cells of the matrix of endpoints and states (src/checks/cells.ts) a check really meets: its conversation is
// passed on as it is, and every request in it is looked at, with what was asked before it in the run.
import type { Cell, Endpoint, State } from '../../src/checks/cells.ts';
import { parseUri } from '../../src/protocol/grammar/uri.ts';
import {
  type HttpReply,
  type HttpRequest,
  isParallel,
  isRequest,
  type Talk,
} from '../../src/protocol/talk.ts';

const reading: readonly string[] = ['GET', 'HEAD'];

export class ObservedCells {
  readonly #cells = new Map<string, Set<Cell>>();
  /** Methods by which each URL was asked for, without its query. */
  readonly #asked = new Map<string, Set<string>>();

  of(check: string): ReadonlySet<Cell> {
    return this.#cells.get(check) ?? new Set();
  }

  /** Something that was asked for before the checks. */
  note(method: string, path: string): void {
    this.#asked.set(path, (this.#asked.get(path) ?? new Set()).add(method));
  }

  /** The same conversation, looked at. */
  *watch<T>(check: string, talk: Talk<T>, isAtOnce = false): Talk<T> {
    let next = talk.next();
    while (next.done !== true) {
      const wanted = next.value;
      let answer: unknown;
      try {
        if (isParallel(wanted)) {
          const { parallel, limit } = wanted;
          const children = parallel.map((child) => this.watch(check, child, parallel.length > 1));
          answer = yield { parallel: children, limit };
        } else {
          const seen = isRequest(wanted) ? this.#statesOf(wanted, isAtOnce) : undefined;
          answer = yield wanted;
          if (isRequest(wanted)) this.#see(check, wanted, seen ?? [], answer as HttpReply);
        }
      } catch (error) {
        next = talk.throw(error);
        continue;
      }
      next = talk.next(answer);
    }
    return next.value;
  }

  /** By what was asked before. */
  #statesOf(request: HttpRequest, isAtOnce: boolean): State[] {
    const { method } = request.ask;
    const path = pathOf(request);
    const before = this.#asked.get(path) ?? new Set<string>();
    const isRead = reading.includes(method);
    const isFirst = isRead ? !reading.some((one) => before.has(one)) : !before.has(method);
    const states: (State | false)[] = [
      isFirst && 'first',
      before.has(method) && 'second',
      method === 'GET' && before.has('HEAD') && !before.has('GET') && 'head-first',
      method === 'HEAD' && before.has('GET') && 'get-first',
      isAtOnce && 'at-once',
      request.ask.network?.connections === 'per-request' && 'fresh',
      /sha512[:=-]|sha512$|sha512%3A/i.test(request.url) && 'sha512',
      request.authorization !== '' && 'token',
    ];
    return states.filter((state) => state !== false);
  }

  #see(check: string, request: HttpRequest, states: State[], { status }: HttpReply): void {
    const endpoint = endpointOf(request);
    const cells = this.#cells.get(check) ?? new Set();
    const isRefused = status === 401 || status === 403;
    // Who was turned away has not asked for the thing itself.
    if (!isRefused && request.hop === 'registry') this.note(request.ask.method, pathOf(request));
    if (endpoint === undefined) return;
    for (const state of states) cells.add(`${endpoint} ${state}`);
    if (request.authorization === '' || isRefused) cells.add(`${endpoint} anonymous`);
    this.#cells.set(check, cells);
  }
}

function pathOf({ url }: HttpRequest): string {
  return parseUri(url)?.path ?? url;
}

const byMethod: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = {
  ping: { GET: 'ping', HEAD: 'ping-head' },
  catalog: { GET: 'catalog' },
  tags: { GET: 'tags' },
  referrers: { GET: 'referrers' },
  'manifest-tag': {
    GET: 'manifest-tag',
    HEAD: 'manifest-tag-head',
    PUT: 'manifest-put',
    DELETE: 'tag-delete',
  },
  'manifest-digest': {
    GET: 'manifest-digest',
    HEAD: 'manifest-digest-head',
    PUT: 'manifest-put',
    DELETE: 'manifest-delete',
  },
  blob: { GET: 'blob', HEAD: 'blob-head', DELETE: 'blob-delete' },
  range: { GET: 'blob-range' },
  upload: {
    POST: 'upload-start',
    PATCH: 'upload-chunk',
    PUT: 'upload-end',
    GET: 'upload-status',
    DELETE: 'upload-cancel',
  },
  mount: { POST: 'mount' },
};

function endpointOf(request: HttpRequest): Endpoint | undefined {
  if (request.hop === 'token') return 'token';
  if (request.hop !== 'registry') return undefined;
  return byMethod[kindOf(request)]?.[request.ask.method];
}

function kindOf(request: HttpRequest): string {
  const path = pathOf(request);
  const { headers } = request.ask;
  if (/^\/v2\/?$/.test(path)) return 'ping';
  if (path === '/v2/_catalog') return 'catalog';
  if (/\/tags\/list$/.test(path)) return 'tags';
  if (/\/referrers\/[^/]+$/.test(path)) return 'referrers';
  if (/\/blobs\/uploads\/[^/]*$/.test(path)) {
    return /[?&]mount=/.test(request.url) ? 'mount' : 'upload';
  }
  if (/\/blobs\/[^/]+$/.test(path)) {
    return headers.some(([name]) => name === 'Range') ? 'range' : 'blob';
  }
  if (/\/manifests\/[^/]*:[^/]*$/.test(path)) return 'manifest-digest';
  return /\/manifests\/[^/]+$/.test(path) ? 'manifest-tag' : '';
}
