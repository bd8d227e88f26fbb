// Servers that fail now and then: one request of many, whatever it asks for. No single check can be about it:
// who is hit changes from run to run.
import type { Reply } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fail } from '../kit/words.ts';

const registry = ['ping', 'manifest', 'blob', 'tags', 'referrers', 'upload'] as const;
const crash = fail(500, 'UNKNOWN');
const unavailable = fail(503, 'UNAVAILABLE');

export const nowAndThenFaults: readonly Fault[] = [
  {
    id: 'server-errors-now-and-then',
    title: 'One request in a hundred to the registry is answered 500, and nothing is done',
    layer: 'response',
    seenIn: [],
    noticedBy: ['server-errors'],
    on: { at: registry },
    instead: oneIn(100, crash),
  },
  {
    id: 'server-errors-after-work',
    title: 'One request in a hundred to the registry is done, and answered 500 all the same',
    layer: 'response',
    seenIn: [],
    noticedBy: ['server-errors'],
    on: { at: registry },
    change: (reply, scene) => (isHit(100, scene) ? crash() : reply),
  },
  {
    id: 'upload-end-falters',
    title: 'One in twenty PUTs that end an upload is answered 500',
    layer: 'response',
    seenIn: ['gitea#19586', 'pulp_container#1275'],
    noticedBy: ['server-errors'],
    on: { at: ['upload'], methods: ['PUT'] },
    instead: oneIn(20, crash),
  },
  {
    id: 'token-server-falters',
    title: 'One in twenty requests for a token is answered 503',
    layer: 'response',
    seenIn: [],
    noticedBy: ['server-errors'],
    on: { at: ['token'] },
    instead: oneIn(20, unavailable),
  },
  {
    id: 'edge-falters',
    title: 'One in twenty requests to the CDN is answered 503',
    layer: 'response',
    seenIn: [],
    noticedBy: ['server-errors'],
    on: { at: ['edge'] },
    instead: oneIn(20, unavailable),
  },
  {
    id: 'blob-5xx',
    title: 'GET of a blob is answered 503 by the registry (limit it by p)',
    layer: 'response',
    seenIn: [],
    noticedBy: ['server-errors', 'blob-config', 'blob-layers'],
    on: { at: ['blob'], methods: ['GET'] },
    instead: unavailable,
  },
  {
    id: 'connections-dropped-now-and-then',
    title: 'One request in fifty to the registry gets no answer: its connection is reset',
    layer: 'wire',
    seenIn: [],
    noticedBy: ['broken-connections'],
    on: { at: registry },
    change: (reply, scene) => (isHit(50, scene) ? { ...reply, wire: { noHead: true } } : reply),
  },
];

/** By chance, which the seed of the mock decides. */
function isHit(n: number, { random }: Scene): boolean {
  return random() < 1 / n;
}

function oneIn(n: number, make: () => Reply): (scene: Scene) => Reply | undefined {
  return (scene) => (isHit(n, scene) ? make() : undefined);
}
