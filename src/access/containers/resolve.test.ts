import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { home, hostWith } from '../../../test/lib/host-with.ts';
import type { HostView } from '../host-view.ts';
import type { PlainRoute } from '../route.ts';
import { resolveByContainers } from './resolve.ts';

const main = '/etc/containers/registries.conf';
const digest = `sha256:${'a'.repeat(64)}`;

async function routeOf(
  text: string,
  conf: string | Readonly<Record<string, string>>,
  client = 'podman',
  change: Partial<HostView> = {},
): Promise<PlainRoute> {
  const files = typeof conf === 'string' ? { [main]: conf } : conf;
  return await resolveByContainers(text, client, hostWith(files, change));
}

/** What is asked in which order: `host/repository:reference`, a `!` for what may be insecure. */
function asked({ candidates }: PlainRoute): string[][] {
  return candidates.map(({ endpoints }) =>
    endpoints.map(
      ({ url, repository, reference, insecure }) =>
        `${new URL(url).host}/${repository}:${reference}${insecure ? '!' : ''}`,
    ),
  );
}

const problemsOf = ({ problems }: PlainRoute) =>
  problems.map(({ id, written, isFatal }) => [id, written.in, written.line, isFatal]);

describe('names', () => {
  test.each([
    ['quay.io/a/b', 'quay.io/a/b:latest'],
    ['docker.io/alpine', 'registry-1.docker.io/library/alpine:latest'],
    ['index.docker.io/team/app:1', 'registry-1.docker.io/team/app:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['[::1]:5000/app:v1', '[::1]:5000/app:v1'],
    [`quay.io/a/b@${digest}`, `quay.io/a/b:${digest}`],
    [`quay.io/a/b:1@${digest}`, `quay.io/a/b:${digest}`],
    ['docker://fedora', 'registry-1.docker.io/library/fedora:latest'],
  ])('%s is asked for as %s', async (text, expected) => {
    expect(asked(await routeOf(text, ''))).toEqual([[expected]]);
  });

  test('skopeo takes short names for docker.io', async () => {
    const route = await routeOf('fedora', 'unqualified-search-registries = ["quay.io"]', 'skopeo');
    expect(asked(route)).toEqual([['registry-1.docker.io/library/fedora:latest']]);
    expect(route.candidates[0]?.how).toBe('docker.io');
  });

  test('skopeo refuses a tag beside a digest', async () => {
    const route = await routeOf(`quay.io/a:1@${digest}`, '', 'skopeo');
    expect(route).toMatchObject({ candidates: [], problems: [{ id: 'tag-and-digest' }] });
  });

  test.each(['', 'UPPER', 'a b', 'h:x/y/', 'Foo/bar'])('%j is no image', async (text) => {
    await expect(routeOf(text, '')).rejects.toMatchObject({ code: 'reference-invalid' });
  });
});

describe('short names', () => {
  const two = 'unqualified-search-registries = ["quay.io", "docker.io"]\n';

  test.each([
    ['', false, undefined],
    ['', true, { refused: false, written: { in: 'default', line: 0 } }],
    ['short-name-mode = "permissive"', false, undefined],
    ['short-name-mode = "enforcing"', false, { refused: true, written: { in: main, line: 2 } }],
    ['short-name-mode = "enforcing"', true, { refused: false, written: { in: main, line: 2 } }],
    ['short-name-mode = "disabled"', true, undefined],
  ])('%s, terminal %s', async (mode, isTerminal, ambiguous) => {
    const route = await routeOf('team/app', two + mode, 'podman', { isTerminal });
    expect(asked(route)).toEqual([
      ['quay.io/team/app:latest'],
      ['registry-1.docker.io/team/app:latest'],
    ]);
    expect(route.ambiguous).toEqual(ambiguous);
    expect(route.candidates[1]).toMatchObject({ how: 'search', written: { in: main, line: 1 } });
  });

  test('one registry is no choice', async () => {
    const conf = 'unqualified-search-registries = ["quay.io/"]\nshort-name-mode = "enforcing"';
    const route = await routeOf('app:2', conf);
    expect(asked(route)).toEqual([['quay.io/app:2']]);
    expect(route.ambiguous).toBeUndefined();
  });

  describe('CRI-O', () => {
    const crio = '/etc/crio/crio.conf';
    const says = (mode: string) => `[crio.image]\nshort_name_mode = "${mode}"\n`;

    test('refuses a choice, whatever registries.conf says, and asks nobody', async () => {
      const conf = `${two}short-name-mode = "permissive"`;
      const route = await routeOf('app', conf, 'cri-o', { isTerminal: true });
      expect(route.ambiguous).toEqual({ refused: true, written: { in: 'default', line: 0 } });
    });

    test('tries all where its own file says so, the last of them', async () => {
      const files = { [main]: two, [crio]: says('disabled') };
      expect((await routeOf('app', files, 'cri-o')).ambiguous).toBeUndefined();
      const more = { ...files, [`${crio}.d/9`]: says('enforcing') };
      const { ambiguous } = await routeOf('app', more, 'kubelet-cri-o');
      expect(ambiguous).toEqual({ refused: true, written: { in: `${crio}.d/9`, line: 2 } });
    });

    test('has the files and variables of a daemon', async () => {
      const files = {
        '/c.conf': two,
        [`${home}/.config/containers/registries.conf`]: two,
        '/root/.config/containers/registries.conf': 'unqualified-search-registries = ["r.io"]',
      };
      const change = { variables: { CONTAINERS_REGISTRIES_CONF: '/c.conf' } };
      expect(asked(await routeOf('app', files, 'cri-o', change))).toEqual([['r.io/app:latest']]);
    });
  });

  test('none to search: the client ends, and where it stands', async () => {
    expect(problemsOf(await routeOf('app', ''))).toEqual([
      ['short-name-unresolved', 'default', 0, true],
    ]);
    const empty = await routeOf('app', '\nunqualified-search-registries = []');
    expect(problemsOf(empty)).toEqual([['short-name-unresolved', main, 2, true]]);
  });

  const alias = (target: string) => `[aliases]\n"app" = "${target}"\n`;
  const cached = `${home}/.cache/containers/short-name-aliases.conf`;

  test.each([
    ['user', { uid: 1000 }, cached],
    ['root', { uid: 0 }, '/var/cache/containers/short-name-aliases.conf'],
    ['XDG', { variables: { XDG_CACHE_HOME: '/c' } }, '/c/containers/short-name-aliases.conf'],
  ])('what podman keeps of %s wins', async (_who, change, path) => {
    const files = { [main]: two + alias('h.io/conf'), [path]: alias('h.io/kept') };
    const route = await routeOf('app:3', files, 'podman', change);
    expect(asked(route)).toEqual([['h.io/kept:3']]);
    expect(route.candidates[0]).toMatchObject({ how: 'alias', written: { in: path, line: 2 } });
    expect(route.files.find((it) => it.path === path)?.state).toBe('used');
  });

  test('an empty target takes an alias back', async () => {
    const dropIn = '/etc/containers/registries.conf.d/9.conf';
    const files = { [main]: two + alias('h.io/conf'), [dropIn]: alias('') };
    expect(asked(await routeOf('app', files))).toHaveLength(2);
    expect(asked(await routeOf('app', { ...files, [cached]: alias('') }))).toHaveLength(2);
  });

  test('an alias to docker.io is completed', async () => {
    const route = await routeOf('app', alias('docker.io/alpine'));
    expect(asked(route)).toEqual([['registry-1.docker.io/library/alpine:latest']]);
  });

  test('a broken file of aliases ends podman for short names alone', async () => {
    const files = { [main]: two, [cached]: '[aliases]\n"app" = 7' };
    expect(problemsOf(await routeOf('app', files))).toEqual([
      ['registries-conf-type', cached, 2, true],
    ]);
    expect(problemsOf(await routeOf('quay.io/app', files))).toEqual([]);
  });
});

describe('tables', () => {
  const table = (lines: string) => `[[registry]]\n${lines}\n`;

  test.each([
    [
      'the longest prefix',
      'location = "a.io"',
      'prefix = "a.io/x"\nlocation = "b.io/y"',
      'b.io/y/app:latest',
    ],
    [
      'whole parts alone',
      'location = "a.io"',
      'prefix = "a.io/xa"\nlocation = "b.io"',
      'a.io/x/app:latest',
    ],
    ['a wildcard', 'prefix = "*.io"\nlocation = "b.io"', 'location = "c.io"', 'b.io/x/app:latest'],
    ['a wildcard that leads nowhere', 'prefix = "*.io"', 'location = "c.io"', 'a.io/x/app:latest'],
    [
      'slashes at the end',
      'prefix = "a.io/"\nlocation = "b.io//"',
      'location = "c.io"',
      'b.io/x/app:latest',
    ],
    [
      'the image itself',
      'prefix = "a.io/x/app"\nlocation = "b.io/c"',
      'location = "a.io/x"',
      'b.io/c:latest',
    ],
    [
      'of one length the first in order',
      'prefix = "*.io"\nlocation="w.io"',
      'prefix = "a.io"\nlocation="p.io"',
      'w.io/x/app:latest',
    ],
    [
      'names in other case',
      'Prefix = "a.io"\nLOCATION = "b.io"',
      'location = "c.io"',
      'b.io/x/app:latest',
    ],
  ])('%s', async (_what, one, other, expected) => {
    const route = await routeOf('a.io/x/app', table(other) + table(one));
    expect(asked(route)).toEqual([[expected]]);
  });

  test('a port belongs to the host that is named without', async () => {
    const route = await routeOf('a.io:5000/app', table('prefix = "a.io"\nlocation = "b.io"'));
    expect(asked(route)).toEqual([['b.io:5000/app:latest']]);
  });

  const mirrors = table(
    'location = "a.io"\ninsecure = true\n[[registry.mirror]]\nlocation = "m1.io/p"\n' +
      '[[registry.mirror]]\nlocation = "m2.io"\npull-from-mirror = "digest-only"\ninsecure = true\n' +
      '[[registry.mirror]]\nlocation = "m3.io"\npull-from-mirror = "tag-only"',
  );

  test('mirrors in order, by what the pull is', async () => {
    const byTag = await routeOf('a.io/x:1', mirrors);
    expect(asked(byTag)).toEqual([['m1.io/p/x:1', 'm3.io/x:1', 'a.io/x:1!']]);
    expect(byTag.candidates[0]?.leftOut).toMatchObject([
      { name: 'm2.io', written: { in: main, line: 8 } },
    ]);
    const byDigest = await routeOf(`a.io/x@${digest}`, mirrors);
    expect(asked(byDigest)).toEqual([
      [`m1.io/p/x:${digest}`, `m2.io/x:${digest}!`, `a.io/x:${digest}!`],
    ]);
    expect(byDigest.candidates[0]?.endpoints[1]).toMatchObject({
      role: 'mirror',
      registry: 'm2.io',
      plainHttp: 'fallback',
      insecure: { in: main, line: 9 },
      written: { in: main, line: 7 },
    });
  });

  test('mirror-by-digest-only', async () => {
    const conf = table(
      'location = "a.io"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.io"',
    );
    expect(asked(await routeOf('a.io/x', conf))).toEqual([['a.io/x:latest']]);
    expect(asked(await routeOf(`a.io/x@${digest}`, conf))[0]).toHaveLength(2);
  });

  test('a registry that is blocked, and its mirror that is not', async () => {
    const conf = table('location = "a.io"\nblocked = true\n[[registry.mirror]]\nlocation = "m.io"');
    const route = await routeOf('a.io/x', conf);
    expect(asked(route)).toEqual([['m.io/x:latest']]);
    expect(route.candidates[0]?.blocked).toEqual({ in: main, line: 3 });
  });

  test('a mirror that is blocked by its own table', async () => {
    const conf =
      table('location = "a.io"\n[[registry.mirror]]\nlocation = "m.io"') +
      table('location = "m.io"\nblocked = true');
    const route = await routeOf('a.io/x', conf);
    expect(asked(route)).toEqual([['a.io/x:latest']]);
    expect(route.candidates[0]?.leftOut).toMatchObject([{ written: { line: 7 } }]);
  });

  test('what is blocked is the place, not the name', async () => {
    const moved = table('prefix = "a.io"\nlocation = "b.io"\nblocked = true');
    expect(asked(await routeOf('a.io/x', moved))).toEqual([['b.io/x:latest']]);
  });

  test('namespace-proxy is known to new libraries alone', async () => {
    const conf = table(
      'location = "a.io"\n[[registry.mirror]]\nlocation = "m.io"\nnamespace-proxy = "a.io"',
    );
    const spaces = async (client: string) =>
      (await routeOf('a.io/x', conf, client)).candidates[0]?.endpoints.map((it) => it.namespace);
    expect(await spaces('podman')).toEqual(['a.io', undefined]);
    expect(await spaces('podman@4.3')).toEqual([undefined, undefined]);
  });

  test('a mirror that ends in a slash leads the old library nowhere', async () => {
    const conf = table('location = "a.io"\n[[registry.mirror]]\nlocation = "m.io/"');
    expect(asked(await routeOf('a.io/x', conf, 'podman@5'))[0]).toEqual([
      'm.io/x:latest',
      'a.io/x:latest',
    ]);
    expect(problemsOf(await routeOf('a.io/x', conf, 'podman@4.3'))).toEqual([
      ['registries-conf-rewrite', main, 4, true],
    ]);
  });

  test('a name that is none ends this candidate, and the next is tried', async () => {
    const conf = `unqualified-search-registries = ["a.io", "b.io"]\n${table('prefix = "a.io"\nlocation = "docker.io"')}`;
    const route = await routeOf('x', conf);
    expect(asked(route)).toEqual([[], ['b.io/x:latest']]);
    expect(problemsOf(route)).toEqual([['registries-conf-rewrite', main, 4, false]]);
  });
});

describe('files', () => {
  const to = (place: string) => `[[registry]]\nprefix = "a.io"\nlocation = "${place}"\n`;
  const user = `${home}/.config/containers/registries.conf`;
  const share = '/usr/share/containers/registries.conf';
  const at = async (files: Record<string, string>, client = 'podman', change = {}) => {
    const route = await routeOf('a.io/x', files, client, change);
    return route.candidates[0]?.endpoints[0]?.registry ?? route.problems[0]?.id;
  };

  test('of the user, of /etc, of /usr/share: the first that is there', async () => {
    const all = { [user]: to('user.io'), [main]: to('etc.io'), [share]: to('share.io') };
    expect(await at(all)).toBe('user.io');
    expect(await at({ [main]: to('etc.io'), [share]: to('share.io') })).toBe('etc.io');
    expect(await at({ [share]: to('share.io') })).toBe('share.io');
    expect(await at({ [share]: to('share.io') }, 'podman@5')).toBe('a.io');
    const route = await routeOf('a.io/x', all);
    expect(route.files.map(({ path, state }) => [path, state]).slice(0, 3)).toEqual([
      [user, 'used'],
      [main, 'passed over'],
      [share, 'passed over'],
    ]);
  });

  test('XDG_CONFIG_HOME counts for new libraries', async () => {
    const files = { '/x/containers/registries.conf': to('xdg.io'), [user]: to('user.io') };
    const change = { variables: { XDG_CONFIG_HOME: '/x' } };
    expect(await at(files, 'podman', change)).toBe('xdg.io');
    expect(await at(files, 'podman@5', change)).toBe('user.io');
  });

  test('drop-ins: by name, one of a higher folder hides the other', async () => {
    const files = {
      [`${share}.d/50.conf`]: to('share.io'),
      [`${main}.d/40.conf`]: to('etc.io'),
      [`${user}.d/30.conf`]: to('user.io'),
    };
    expect(await at(files)).toBe('share.io');
    expect(await at({ ...files, [`${user}.d/50.conf`]: to('mine.io') })).toBe('mine.io');
    expect(await at(files, 'podman@5')).toBe('user.io');
  });

  test('a file of the user hides the drop-ins of /etc from old libraries', async () => {
    const files = { [user]: '', [`${main}.d/1.conf`]: to('etc.io') };
    expect(await at(files)).toBe('etc.io');
    expect(await at(files, 'podman@5')).toBe('a.io');
  });

  test.each([
    ['rootless.conf.d/1000', 1000],
    ['rootless.conf.d', 1000],
    ['rootful.conf.d', 0],
  ])('registries.%s is for user %d', async (folder, uid) => {
    const files = { [`/etc/containers/registries.${folder}/1.conf`]: to('special.io') };
    expect(await at(files, 'podman', { uid })).toBe('special.io');
    expect(await at(files, 'podman', { uid: 1000 - uid })).toBe('a.io');
    expect(await at(files, 'podman@5', { uid })).toBe('a.io');
  });

  test('$CONTAINERS_REGISTRIES_CONF', async () => {
    const files = {
      '/c.conf': to('named.io'),
      [main]: to('etc.io'),
      [`${main}.d/1.conf`]: to('drop.io'),
    };
    const change = { variables: { CONTAINERS_REGISTRIES_CONF: '/c.conf' } };
    expect(await at(files, 'podman', change)).toBe('named.io');
    expect(await at(files, 'podman@5', change)).toBe('drop.io');
    expect(await at({ ...files, [`${main}.d/1.conf`]: '' }, 'podman@5', change)).toBe('named.io');
    expect(await at({ ...files, [`${main}.d/1.conf`]: '' }, 'skopeo@1.9', change)).toBe('etc.io');
    const absent = { variables: { CONTAINERS_REGISTRIES_CONF: '/none.conf' } };
    for (const client of ['podman', 'podman@5']) {
      expect(problemsOf(await routeOf('a.io/x', files, client, absent))).toEqual([
        ['registries-conf-unreadable', '$CONTAINERS_REGISTRIES_CONF', 0, true],
      ]);
    }
  });

  test('$CONTAINERS_REGISTRIES_CONF_OVERRIDE comes last', async () => {
    const files = { '/o.conf': to('over.io'), [`${main}.d/1.conf`]: to('drop.io') };
    const change = { variables: { CONTAINERS_REGISTRIES_CONF_OVERRIDE: '/o.conf' } };
    expect(await at(files, 'podman', change)).toBe('over.io');
    expect(await at(files, 'podman@5', change)).toBe('drop.io');
  });

  test('a drop-in that is no folder ends the newer library', async () => {
    expect(await at({ [`${main}.d`]: '' })).toBe('registries-conf-unreadable');
    expect(await at({ [`${main}.d`]: '' }, 'podman@5')).toBe('a.io');
  });
});

describe('version 1', () => {
  const v1 =
    '[registries.search]\nregistries = ["quay.io"]\n[registries.block]\nregistries = ["b.io"]\n[registries.insecure]\nregistries = ["i.io"]\n';

  test('is read up to podman 5', async () => {
    for (const client of ['podman@5', 'podman@4.3']) {
      expect(asked(await routeOf('app', v1, client))).toEqual([['quay.io/app:latest']]);
      expect(asked(await routeOf('i.io/app', v1, client))).toEqual([['i.io/app:latest!']]);
      const blocked = await routeOf('b.io/app', v1, client);
      expect(blocked.candidates[0]).toMatchObject({
        endpoints: [],
        blocked: { in: main, line: 4 },
      });
    }
  });

  test('ends podman 6, by the line', async () => {
    expect(problemsOf(await routeOf('quay.io/app', `# old\n${v1}`))).toEqual([
      ['registries-conf-v1', main, 2, true],
    ]);
  });

  test('ends the old ones in drop-ins, and mixed with version 2', async () => {
    const dropIn = `${main}.d/1.conf`;
    const cases = [{ [dropIn]: v1 }, { [main]: `unqualified-search-registries = ["a.io"]\n${v1}` }];
    for (const files of cases) {
      const [problem] = (await routeOf('quay.io/app', files, 'podman@5')).problems;
      expect(problem?.id).toBe('registries-conf-v1');
    }
  });

  test('empty lists are no version 1 to the oldest', async () => {
    const empty = '[registries.search]\nregistries = []\n';
    expect(problemsOf(await routeOf('q.io/a', empty, 'podman@4.3'))).toEqual([]);
    expect(problemsOf(await routeOf('q.io/a', empty))).toHaveLength(1);
  });
});

describe('what clients refuse', () => {
  const registry = '[[registry]]\n';
  test.each([
    ['registries-conf-syntax', 2, `${registry}location = a.io`],
    ['registries-conf-type', 2, `${registry}location = 7`],
    ['registries-conf-type', 2, `${registry}insecure = "true"`],
    ['registries-conf-type', 1, 'unqualified-search-registries = "a.io"'],
    ['registries-conf-type', 1, '[registry]\nlocation = "a.io"'],
    ['registries-conf-type', 2, '[aliases]\na = ["b.io/a"]'],
    ['registries-conf-scheme', 2, `${registry}location = "https://a.io"`],
    ['registries-conf-scheme', 2, `${registry}prefix = "http://a.io"\nlocation = "a.io"`],
    ['registries-conf-location', 1, `${registry}insecure = true`],
    ['registries-conf-location', 1, `${registry}prefix = "a.io"`],
    ['registries-conf-wildcard', 2, `${registry}prefix = "*.a.io/b"\nlocation = "a.io"`],
    ['registries-conf-mirror', 3, `${registry}location = "a.io"\npull-from-mirror = "all"`],
    [
      'registries-conf-mirror',
      3,
      `${registry}location = "a.io"\n[[registry.mirror]]\ninsecure = true`,
    ],
    [
      'registries-conf-conflict',
      5,
      `${registry}location = "a.io"\n${registry}location = "a.io"\ninsecure = true`,
    ],
    ['registries-conf-search', 1, 'unqualified-search-registries = ["a.io/b"]'],
    ['registries-conf-search', 1, 'unqualified-search-registries = [""]'],
    ['registries-conf-mode', 1, 'short-name-mode = "prompt"'],
    ['registries-conf-alias', 2, '[aliases]\n"a:1" = "b.io/a"'],
    ['registries-conf-alias', 2, '[aliases]\na = "b/a"'],
    ['registries-conf-alias', 2, '[aliases]\na = "b.io/a:1"'],
  ])('%s at line %d: %s', async (id, line, conf) => {
    for (const client of ['podman', 'podman@4.3']) {
      const route = await routeOf('quay.io/app', conf, client);
      expect(problemsOf(route)).toEqual([[id, main, line, true]]);
      expect(route.candidates).toEqual([]);
      expect(route.files.find(({ path }) => path === main)?.state).toBe('invalid');
    }
  });

  test('pull-from-mirror of an unknown kind, or told twice', async () => {
    const mirror = (lines: string, use: string) =>
      `${registry}location = "a.io"\n${lines}[[registry.mirror]]\nlocation = "m.io"\npull-from-mirror = "${use}"`;
    for (const conf of [mirror('', 'never'), mirror('mirror-by-digest-only = true\n', 'all')]) {
      expect((await routeOf('q.io/a', conf)).problems[0]?.id).toBe('registries-conf-mirror');
    }
  });

  test('what newer parsers read', async () => {
    const newer = `${registry}location = "a\\x2eio"`;
    expect(problemsOf(await routeOf('q.io/a', newer))).toEqual([]);
    expect(problemsOf(await routeOf('q.io/a', newer, 'podman@5'))).toHaveLength(1);
    expect(
      problemsOf(await routeOf('q.io/a', `\ufeff${registry}location = "a.io"`, 'podman@5')),
    ).toEqual([]);
    expect(problemsOf(await routeOf('q.io/a', '\ufeff', 'podman@4.3'))).toHaveLength(1);
  });

  test('names that nobody knows are no fault, secrets are not shown', async () => {
    expect(problemsOf(await routeOf('q.io/a', 'colour = "red"'))).toEqual([]);
    const route = await routeOf('q.io/a', `${registry}location = "https://u:hunter22@a.io"`);
    expect(JSON.stringify(route)).not.toContain('hunter22');
  });
});

test('on macOS and Windows podman itself is elsewhere', async () => {
  for (const platform of ['darwin', 'win32'] as const) {
    const route = await routeOf('quay.io/a', '', 'podman', { platform });
    expect(route.problems).toMatchObject([{ id: 'podman-machine', isFatal: false }]);
    expect((await routeOf('quay.io/a', '', 'skopeo', { platform })).problems).toEqual([]);
  }
});

test('whatever a file holds comes to a route or to a fatal problem with its place', async () => {
  const word = fc.constantFrom(
    ...['[[registry]]', '[registry]', '[aliases]', '[registries.search]', '[[registry.mirror]]'],
    ...[
      'prefix',
      'location',
      'mirror',
      'insecure',
      'a',
      '=',
      '.',
      ',',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
    ],
    ...[
      '"*.io"',
      '"a.io"',
      '"a.io/x"',
      '"//"',
      'true',
      '7',
      '1979-05-27',
      '\n',
      '\n',
      '#',
      '\u2028',
      '\\',
    ],
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((it) => it.join(' ')),
    fc.string(),
  );
  const client = fc.constantFrom('podman', 'podman@5', 'podman@4.3', 'skopeo@1.9', 'cri-o');
  const property = fc.asyncProperty(text, text, client, async (conf, dropIn, name) => {
    const files = { [main]: conf, [`${main}.d/1.conf`]: dropIn };
    const route = await routeOf('a.io/x/y', files, name);
    const [problem] = route.problems;
    if (problem === undefined) expect(route.candidates).toHaveLength(1);
    else expect(Object.keys(files)).toContain(problem.written.in);
  });
  await fc.assert(property, { numRuns: 300 });
});
