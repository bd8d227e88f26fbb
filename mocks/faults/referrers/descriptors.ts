// Faults of the descriptors in lists of referrers.
import { asObject, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import type { Fault } from '../fault.ts';
import { eachEntry, entriesOf, withEntries } from '../kit/referrers.ts';

const layer = 'response';
const seenIn: readonly string[] = [];

const referrers = { at: ['referrers'], statuses: [200] } as const;

export const referrerDescriptorFaults: readonly Fault[] = [
  {
    id: 'referrers-size-zero',
    title: 'Descriptors of referrers have size 0',
    layer,
    seenIn,
    noticedBy: ['referrers-descriptor'],
    on: referrers,
    change: (reply) => eachEntry(reply, (entry) => ({ ...entry, size: 0 })),
  },
  {
    id: 'referrers-untyped',
    title: 'Descriptors of referrers have no artifactType',
    layer,
    seenIn,
    noticedBy: ['referrers-artifact-type', 'referrers-config-type', 'referrers-index-type'],
    on: referrers,
    change: (reply) => eachEntry(reply, ({ artifactType: _, ...entry }) => entry),
  },
  {
    id: 'referrers-index-typed',
    title: 'Indexes without artifactType get their media type as artifactType',
    layer,
    seenIn,
    noticedBy: ['referrers-index-untyped'],
    on: referrers,
    change: (reply) =>
      eachEntry(reply, (entry) =>
        entry.mediaType === mediaTypes.ociIndex
          ? { artifactType: mediaTypes.ociIndex, ...entry }
          : entry,
      ),
  },
  {
    id: 'referrers-config-unread',
    title: 'Referrers that have their type from the config are not listed',
    layer,
    seenIn,
    noticedBy: [
      'referrers-list',
      'referrers-pages',
      'referrers-filter-config',
      'referrers-config-type',
    ],
    on: referrers,
    change: (reply, { route, site }) => {
      const isTyped = ({ digest }: JsonObject) => {
        const stored = site.store.manifest(route.repository, `${digest}`);
        const document = asObject(parseJson(Buffer.from(stored?.bytes ?? []).toString()));
        return document?.artifactType !== undefined || document?.config === undefined;
      };
      return withEntries(reply, entriesOf(reply).filter(isTyped));
    },
  },
  {
    id: 'referrers-bare',
    title: 'Descriptors of referrers have no annotations',
    layer,
    seenIn,
    noticedBy: ['referrers-index-annotations', 'referrers-annotations'],
    on: referrers,
    change: (reply) => eachEntry(reply, ({ annotations: _, ...entry }) => entry),
  },
];
