// Legal oddities of tags: tags that stay as they are, and the many forms of a list and of its Link.
import { gzipSync } from 'node:zlib';
import { asObject, parseJson } from '../../../src/lib/json.ts';
import { errorReply, headerOf, type Reply, withBody, withHeader } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Behaviour, Fault, ReplyFault, Scene } from '../fault.ts';
import { fieldOf, mayPush } from '../kit/calls.ts';
import { movedAway, movedReads, writtenOtherwise } from '../kit/moves.ts';
import { clauses, oddity, refused } from '../kit/oddity.ts';
import { byCodePoints, listAgain } from '../kit/tag-list.ts';
import { fail } from '../kit/words.ts';

const lists = { at: ['tags'], methods: ['GET', 'HEAD'], statuses: [200] } as const;
const stays = 'Nothing in spec.md says that a tag can be moved; registries offer immutable tags';
const { link, http } = clauses;

/** Refuses a push to a tag that is there: of other content alone, or of any. */
function immutable(status: number, refuses: 'other' | 'any'): Pick<ReplyFault, 'on' | 'instead'> {
  return {
    on: { at: ['manifest'], methods: ['PUT'] },
    instead: (scene) => {
      const { call, route, site } = scene;
      const { repository, reference } = route;
      const tags = reference.includes(':') ? tagsAsked(scene) : [reference];
      const before = tags.map((tag) => site.store.manifest(repository, tag)?.digest);
      const pushed = digestOf(call.body);
      const isKept = before.some(
        (known) => known !== undefined && (refuses === 'any' || known !== pushed),
      );
      return isKept && mayPush(scene)
        ? errorReply(status, 'DENIED', 'tag invalid: it exists and cannot be overwritten')
        : undefined;
    },
  };
}

function tagsAsked({ call }: Scene): string[] {
  return call.query.split('&').flatMap((pair) => {
    const [, tag] = /^tag=(.*)$/.exec(pair) ?? [];
    return tag === undefined ? [] : [decodeURIComponent(tag)];
  });
}

const immutables = [
  ...[400, 403, 409, 412].map((status) =>
    oddity(
      `tags-immutable-${status}`,
      `Other content for a tag that is there is answered ${status}`,
      stays,
      immutable(status, 'other'),
      { seenIn: ['containers-roadmap#2179'] },
    ),
  ),
  oddity(
    'tags-immutable-same',
    'Any push to a tag that is there is answered 400, also of what it leads to',
    stays,
    immutable(400, 'any'),
    { seenIn: ['containers-roadmap#2179'] },
  ),
];

/** Tags in one page, where the client does not ask for fewer. */
const pageSize = 3;

const paged: Behaviour['change'] = (reply, scene) => {
  const { call } = scene;
  const n = fieldOf(call, 'n');
  if (n === '0') return reply;
  const count = Math.min(Number(n ?? pageSize), pageSize);
  const rest = call.query.split('&').filter((pair) => pair !== '' && !/^n=/.test(pair));
  const query = [...rest, `n=${count}`].join('&');
  return listAgain(reply, { ...scene, call: { ...call, query } }, { compare: byCodePoints });
};

/** A page that has a Link, the Link written in another way: `url` is path and query. */
const linked =
  (write: (url: string, scene: Scene) => readonly string[]) =>
  (reply: Reply, scene: Scene): Reply => {
    const small = paged(reply, scene);
    const [, url] = /^<([^>]*)>/.exec(headerOf(small, 'Link') ?? '') ?? [];
    if (url === undefined) return small;
    const headers = small.headers.filter(([name]) => name !== 'Link');
    return {
      ...small,
      headers: [...headers, ...write(url, scene).map((value) => ['Link', value] as const)],
    };
  };

const queryOf = (url: string) => url.slice(url.indexOf('?'));

const links = (
  [
    ['absolute', 'is a whole URL', (url, { call }) => [`<${call.origin}${url}>; rel="next"`]],
    [
      'otherwise',
      'is a whole URL with scheme and host in capitals, and the usual port',
      (url, { call }) => [`<${writtenOtherwise(call.origin)}${url}>; rel="next"`],
    ],
    [
      'anchor',
      'comes after one of something else, as its anchor says',
      (url) => ['</nowhere>; rel="next"; anchor="/other"', `<${url}>; rel="next"`],
    ],
    ['query', 'is a query alone', (url) => [`<${queryOf(url)}>; rel="next"`]],
    [
      'relative',
      'is relative to the path of the list',
      (url) => [`<list${queryOf(url)}>; rel=next`],
    ],
    [
      'parameters',
      'has other parameters before and after rel',
      (url) => [
        `<${url}>; title="next page; really, \\"next\\""; REL="next"; type="application/json"`,
      ],
    ],
    [
      'several',
      'stands among others in one line',
      (url) => [`</v2/>; rel="first", <${url}>; rel="next", <https://example.com/>; rel="help"`],
    ],
    [
      'lines',
      'is the second of two lines',
      (url) => ['</v2/>; rel="first"', `<${url}>; rel="next"`],
    ],
    ['types', 'is of two types at once', (url) => [`<${url}>; rel="collection next"`]],
    ['blanks', 'has blanks wherever they may be', (url) => [`  <${url}> \t;  rel = "next"  `]],
  ] satisfies readonly (readonly [
    string,
    string,
    (url: string, scene: Scene) => readonly string[],
  ])[]
).map(([id, what, write]) =>
  oddity(`tags-link-${id}`, `The Link of a list of tags ${what}`, link, {
    on: lists,
    change: linked(write),
  }),
);

const dictionary = new Intl.Collator('en').compare;

const document = (reply: Reply) => {
  const text = reply.body instanceof Uint8Array ? Buffer.from(reply.body).toString() : '';
  return asObject(parseJson(text)) ?? {};
};

const forms = [
  oddity(
    'tags-paged',
    `A list of tags comes in pages of ${pageSize}, asked for or not`,
    'spec.md, Listing Tags: MAY return fewer results where a Link is provided',
    { on: lists, change: paged },
  ),
  oddity(
    'tags-collated',
    'A list of tags is in the order of a dictionary, as databases sort by language',
    'spec.md, Listing Tags: lexical, case-insensitive alphanumeric order',
    { on: lists, change: (reply, scene) => listAgain(reply, scene, { compare: dictionary }) },
  ),
  oddity('tags-members', 'A list of tags has members that no spec knows', http, {
    on: lists,
    change: (reply) =>
      withBody(reply, JSON.stringify({ child: [], manifest: {}, ...document(reply), next: null })),
  }),
  oddity('tags-indented', 'A list of tags is JSON over many lines, with escapes', http, {
    on: lists,
    change: (reply) =>
      withBody(
        reply,
        `${JSON.stringify(document(reply), null, '\t').replace('"tags"', '"t\\u0061gs"')}\n`,
      ),
  }),
  oddity('tags-null', 'A list of no tags is null, as programs in Go write it', http, {
    on: lists,
    change: (reply) =>
      withBody(reply, JSON.stringify(document(reply)).replace('"tags":[]', '"tags":null')),
  }),
  oddity('lists-packed', 'Lists come packed by gzip to who accepts that', http, {
    on: {
      at: ['tags', 'referrers', 'catalog'],
      methods: ['GET'],
      when: ({ header }) => /\bgzip\b/.test(header('accept-encoding') ?? ''),
    },
    change: (reply) =>
      reply.body instanceof Uint8Array
        ? withHeader(withBody(reply, gzipSync(reply.body)), 'Content-Encoding', 'gzip')
        : reply,
  }),
  ...[401, 404, 405].map((status) =>
    oddity(
      `catalog-refused-${status}`,
      `The catalog is answered ${status}`,
      'spec.md, Endpoints: there is no catalog among them',
      {
        on: { at: ['catalog'] },
        instead: fail(status, status === 401 ? 'UNAUTHORIZED' : 'UNSUPPORTED'),
      },
    ),
  ),
  ...[400, 414].map((status) =>
    oddity(
      `tag-parameters-refused-${status}`,
      `A push with tag parameters is answered ${status}`,
      'spec.md, Pushing Manifests: MAY support them, MAY return 414',
      {
        on: { at: ['manifest'], methods: ['PUT'], when: ({ query }) => query.includes('tag=') },
        instead: (scene) => (mayPush(scene) ? fail(status, 'UNSUPPORTED')() : undefined),
      },
    ),
  ),
  oddity(
    'tag-parameters-one-line',
    'All tags that were set stand in one line of OCI-Tag',
    'spec.md, Pushing Manifests: OCI-Tag by RFC 9110 5, a list in one line or in several',
    {
      on: { at: ['manifest'], methods: ['PUT'], statuses: [201] },
      change: (reply) => {
        const isTag = ([name]: readonly [string, string]) => name === 'OCI-Tag';
        const tags = reply.headers.filter(isTag).map(([, tag]) => tag);
        if (tags.length < 2) return reply;
        const rest = reply.headers.filter((line) => !isTag(line));
        return { ...reply, headers: [...rest, ['OCI-Tag', tags.join(' ,, ')]] };
      },
    },
  ),
];

export const tagOddities: readonly Fault[] = [
  ...immutables,
  ...links,
  ...forms,
  ...[403, 405].map((status) =>
    oddity(`tags-refused-${status}`, `There are no lists of tags: ${status}`, clauses.discovery, {
      on: { at: ['tags'] },
      change: refused(status),
    }),
  ),
  ...movedReads('tags-list', 'Reading a list of tags', ['tags']),
  oddity(
    'tags-list-elsewhere',
    'Lists of tags are had on another host, without credentials',
    clauses.redirects,
    movedAway(302, 'tags'),
  ),
];
