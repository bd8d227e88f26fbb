// Redirects of whatever request, within the registry and to another host.
import { type Call, emptyReply, headerOf, type Reply, withHeader } from '../../call.ts';
import type { Fault, MemoryFault, Place, ReplyFault, Scene } from '../fault.ts';
import { Memory } from './memory.ts';
import { clauses, oddity } from './oddity.ts';

/** Ends the query of a URL that a redirect has led to. */
const mark = 'moved';

/** The same origin as it may also be written (RFC 9110 4.2.3): in capitals, the usual port said. */
export function writtenOtherwise(origin: string): string {
  const { port, protocol } = new URL(origin);
  const said = port === '' ? `:${protocol === 'http:' ? 80 : 443}` : '';
  return origin.toUpperCase() + said;
}

/** How the new place is written (RFC 3986 4.2). */
const spellings = {
  absolute: ({ origin, path }: Call) => origin + path,
  otherwise: ({ origin, path }: Call) => writtenOtherwise(origin) + path,
  path: ({ path }: Call) => path,
  query: () => '',
  'scheme-relative': ({ origin, path }: Call) => origin.replace(/^https?:/, '') + path,
} as const;

/** Sends whoever asks to the same path with a mark in its query, once; before it looks who that is. */
function movedBy(
  status: number,
  at: readonly Place[],
  methods: readonly string[],
  spelling: keyof typeof spellings = 'path',
): Pick<ReplyFault, 'on' | 'instead'> {
  return {
    on: { at, methods, when: ({ query }) => !query.endsWith(mark) },
    instead: ({ call }) => {
      const query = call.query === '' ? mark : `${call.query}&${mark}`;
      // What is permanent may be kept for ever, unless it says otherwise (RFC 9110 15.4.2).
      const lines = [['Cache-Control', 'no-store']] as const;
      return emptyReply(status, [['Location', `${spellings[spelling](call)}?${query}`], ...lines]);
    },
  };
}

const readStatuses = [
  [301, 'path'],
  [302, 'absolute'],
  [303, 'query'],
  [307, 'scheme-relative'],
  [308, 'otherwise'],
] as const;

/** GET and HEAD at the place redirected by each status. */
export function movedReads(id: string, what: string, at: readonly Place[]): Fault[] {
  return readStatuses.map(([status, spelling]) =>
    oddity(
      `${id}-moved-${status}`,
      `${what} is redirected by ${status} within the registry`,
      clauses.redirects,
      movedBy(status, at, ['GET', 'HEAD'], spelling),
    ),
  );
}

/** Requests of a push redirected by each of the statuses that keep method and body. */
export function movedPushes(
  id: string,
  what: string,
  at: readonly Place[],
  methods: readonly string[],
  statuses: readonly number[] = [307, 308],
): Fault[] {
  return statuses.map((status) =>
    oddity(
      `${id}-moved-${status}`,
      `${what} is redirected by ${status}`,
      clauses.redirects,
      movedBy(status, at, methods, status === 307 ? 'otherwise' : 'path'),
    ),
  );
}

/** Places on another host that stand for paths of the registry, with the rights of whoever was sent there. */
export class Elsewhere {
  readonly #behind = new Memory<Pick<Call, 'path' | 'query' | 'header'>>();
  #count = 0;

  /** Path below the host; the query that comes with a later request is added to the one of `url`. */
  add({ call }: Scene, url: string): string {
    const [path = '', query = ''] = url.split('?');
    const key = `/elsewhere/${++this.#count}/${path.split('/').at(-1)}`;
    // Who comes from there has the rights that he was sent there with.
    const { header } = this.#behind.get(call.path) ?? call;
    this.#behind.set(key, { path, query, header });
    return key;
  }

  /**
   * What the registry answers to a request that came here; undefined where the path is none of these. A list goes on
   * at the registry (RFC 3986 5.1.3: what is relative is so to where it came from).
   */
  answer({ call, registry, site }: Scene): Reply | undefined {
    const known = this.#behind.get(call.path);
    if (known === undefined) return undefined;
    const query = [known.query, call.query].filter((part) => part !== '').join('&');
    const header: Call['header'] = (name) =>
      name === 'authorization' ? known.header(name) : call.header(name);
    const reply = registry.answer({ ...call, path: known.path, query, header });
    const link = headerOf(reply, 'Link');
    if (link === undefined) return reply;
    return withHeader(reply, 'Link', link.replaceAll('</', `<${site.origins.registry}/`));
  }
}

/** Where the other host is: the CDN's, else another path of the registry. */
export const elsewhere: readonly Place[] = ['edge', 'foreign'];

/** What is read at the place is to be had on another host, without credentials. */
export function movedAway(status: number, place: Place): Pick<MemoryFault, 'on' | 'begin'> {
  return {
    on: { at: [place, ...elsewhere], methods: ['GET', 'HEAD'] },
    begin: () => {
      const away = new Elsewhere();
      return {
        instead: (scene) => {
          if (scene.place !== place) return away.answer(scene);
          const { call, registry, site } = scene;
          // Who may not read it is told so here.
          if (registry.answer(call).status !== 200) return undefined;
          const path = away.add(scene, `${call.path}?${call.query}`);
          return emptyReply(status, [['Location', (site.origins.cdn || call.origin) + path]]);
        },
      };
    },
  };
}
