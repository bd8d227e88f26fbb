// Faults that depend on how, or how often, something is asked for: by HEAD before any GET, again, at once with others,
// over a connection that is closed after it.
import { headerOf, noBytes, withHeader } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { Memory } from '../kit/memory.ts';
import { blobOf, fail } from '../kit/words.ts';

const layer = 'response';
const content = ['manifest', 'blob', 'edge'] as const;
const read = ['ping', 'manifest', 'blob', 'tags', 'referrers', 'edge', 'token'] as const;
const methods = ['GET', 'HEAD'] as const;
/** Headers by which one question differs from another. */
const waysToAsk = [
  'accept',
  'accept-encoding',
  'authorization',
  'if-none-match',
  'if-range',
  'range',
];
/** The same question in a row. */
const timesMax = 3;
const served = [200, 206, 302, 307] as const;

export const askFaults: readonly Fault[] = [
  {
    id: 'head-cold-unknown',
    title: 'HEAD of a manifest or blob is 404 until a GET has brought it here, or a push',
    layer,
    seenIn: ['distribution#4747', 'harbor#22609'],
    noticedBy: ['manifest-head-first', 'blob-head-first'],
    on: { at: ['manifest', 'blob'], methods: ['HEAD'], statuses: [200, 302, 307] },
    begin: headOfWhatIsHere,
  },
  {
    id: 'get-after-head-empty',
    title:
      'What was asked for by HEAD first is kept as that: GET of it is 200 and empty from then on',
    layer,
    seenIn: ['docker-registry-proxy#46'],
    noticedBy: [
      'manifest-head-first',
      'blob-head-first',
      'manifest-head-first-pushed',
      'blob-head-first-pushed',
    ],
    on: { at: content, methods, statuses: [200] },
    begin: keptFirst,
  },
  {
    id: 'asked-again-unavailable',
    title: `The very question that was answered ${timesMax} times is 503 when it comes at once again`,
    layer,
    seenIn: [],
    noticedBy: ['*-again'],
    on: { at: read, methods, statuses: served },
    begin: notForEver,
  },
  {
    id: 'asked-at-once-crash',
    title: 'Of several who read the same at once, one is answered and the others get a 500',
    layer,
    seenIn: [],
    noticedBy: ['*-at-once'],
    on: { at: read, methods, statuses: served },
    counts: true,
    change: (reply, { underWay }) => (underWay > 1 ? fail(500, 'UNSUPPORTED')() : reply),
  },
  {
    id: 'connection-close-refused',
    title: 'Who says Connection: close is answered 400',
    layer,
    seenIn: [],
    noticedBy: ['*-fresh'],
    on: {
      at: [...read, 'upload'],
      statuses: [...served, 201, 202, 204],
      when: (call) => /\bclose\b/i.test(call.header('connection') ?? ''),
    },
    change: fail(400, 'UNSUPPORTED'),
  },
];

/** What a request is about, whichever server it goes to. */
function keyOf(scene: Scene): string {
  const { place, route } = scene;
  return place === 'blob' || place === 'edge'
    ? blobOf(scene)
    : `${route.repository}:${route.reference}`;
}

function isContent({ place }: Scene): boolean {
  return (content as readonly string[]).includes(place);
}

function headOfWhatIsHere(): Behaviour {
  const here = new Memory<true>();
  return {
    follow: (reply, scene) => {
      const { call, place, route } = scene;
      const isServed = (served as readonly number[]).includes(reply.status);
      if (call.method === 'GET' && isContent(scene) && isServed) here.set(keyOf(scene), true);
      if (reply.status !== 201) return reply;
      if (place === 'manifest') here.set(keyOf(scene), true);
      // What was pushed as a blob is named by the Location of the reply.
      const location = headerOf(reply, 'Location') ?? '';
      const digest = /[a-z0-9]+:[a-f0-9]{32,}$/.exec(location)?.[0];
      if (digest !== undefined) {
        here.set(digest, true);
        here.set(`${route.repository}:${digest}`, true);
      }
      return reply;
    },
    change: (reply, scene) => (here.has(keyOf(scene)) ? reply : fail(404, 'BLOB_UNKNOWN')()),
  };
}

/** A cache that does not look at the method: what came first is what it has. */
function keptFirst(): Behaviour {
  const first = new Memory<string>();
  return {
    change: (reply, scene) => {
      const { method } = scene.call;
      const key = keyOf(scene);
      const before = first.get(key) ?? method;
      first.set(key, before);
      if (before !== 'HEAD' || method !== 'GET') return reply;
      return withHeader({ ...reply, body: noBytes }, 'Content-Length', '0');
    },
  };
}

function notForEver(): Behaviour {
  let last = '';
  let times = 0;
  return {
    follow: (reply, { call, place }) => {
      if (place === 'edge' || place === 'token') return reply;
      const { method, path, query } = call;
      const ways = waysToAsk.map((name) => call.header(name) ?? '');
      const question = [method, path, query, ...ways].join(' ');
      times = question === last ? times + 1 : 1;
      last = question;
      return reply;
    },
    change: (reply, { place }) =>
      times > timesMax && place !== 'edge' && place !== 'token'
        ? fail(503, 'UNSUPPORTED')()
        : reply,
  };
}
