// Faults of how many tags a list brings: long pages, and repositories that have no tags.
import { withoutHeader } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, withoutFields } from '../kit/calls.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const listed = { at: ['tags'], methods: ['GET'], statuses: [200] } as const;
const pageTagsMax = 999;
const cutTags = 3;

export const tagCountFaults: readonly Fault[] = [
  {
    id: 'tags-n-large-refused',
    title: `A list of tags with n over ${pageTagsMax} is answered 400`,
    layer,
    seenIn: [],
    noticedBy: ['tags-read-n-large'],
    on: { ...listed, when: (call) => Number(fieldOf(call, 'n') ?? 0) > pageTagsMax },
    change: fail(400, 'PAGINATION_NUMBER_INVALID'),
  },
  {
    id: 'tags-n-clamped',
    title: `A list of tags with n ends after ${cutTags} of them, and no Link says that more follow`,
    layer,
    seenIn: [],
    noticedBy: ['tags-read-n-whole'],
    on: { ...listed, when: (call) => Number(fieldOf(call, 'n') ?? 0) > cutTags },
    change: (_reply, { call, registry }) => {
      const { query } = withoutFields(call, 'n');
      const fewer = { ...call, query: [query, `n=${cutTags}`].filter(Boolean).join('&') };
      return withoutHeader(registry.answer(fewer), 'Link');
    },
  },
  {
    id: 'tags-none-unknown',
    title: 'The list of tags of a repository that has none is answered 404',
    layer,
    seenIn: [],
    noticedBy: ['tags-none'],
    on: listed,
    change: (reply, scene) => (hasTags(scene) ? reply : fail(404, 'NAME_UNKNOWN')()),
  },
];

function hasTags({ route, site }: Scene): boolean {
  return (site.store.tags(route.repository) ?? []).length > 0;
}
