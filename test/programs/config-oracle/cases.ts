// Situations by hand: one for each rule of registries.conf, and for each place of a file.
import type { Situation } from './programs.ts';

const main = '/etc/containers/registries.conf';
const share = '/usr/share/containers/registries.conf';
const user = '/home/u/.config/containers/registries.conf';
const kept = '/var/cache/containers/short-name-aliases.conf';
const digest = `sha256:${'5'.repeat(64)}`;
const image = 'a.example.com/team/app';
const table = (...lines: string[]) => `[[registry]]\n${lines.join('\n')}\n`;
const mirror = (...lines: string[]) => `[[registry.mirror]]\n${lines.join('\n')}\n`;
const to = (place: string) => table('prefix = "a.example.com"', `location = "${place}"`);
const search = 'unqualified-search-registries = ["quay.io", "docker.io"]\n';
const mirrors =
  table('location = "a.example.com"') +
  mirror('location = "b.example.com:5000/proxy"') +
  mirror('location = "plain.test:5000"', 'insecure = true', 'pull-from-mirror = "digest-only"') +
  mirror('location = "c.a.example.com"', 'pull-from-mirror = "tag-only"') +
  mirror('location = "plain.test"');

const conf = (text: string, name = image): Situation => ({ files: { [main]: text }, text: name });

/** Full names and short ones: the newest library is asked as podman and, unless only short ones make sense, as skopeo. */
export const fullNames: Readonly<Record<string, Situation>> = {
  'no file at all': { files: {}, text: image },
  'docker.io, completed': { files: {}, text: 'docker.io/alpine' },
  'index.docker.io': { files: {}, text: 'index.docker.io/team/app:v1' },
  'a digest': conf('', `${image}@${digest}`),
  'a prefix that leads elsewhere': conf(to('quay.io/mirror')),
  'the longest prefix': conf(
    to('quay.io') + table('prefix = "a.example.com/team"', 'location = "b.example.com:5000/x"'),
  ),
  'a prefix of half a name': conf(table('prefix = "a.example.com/tea"', 'location = "quay.io"')),
  'a prefix that is the repository': conf(
    table(`prefix = "${image}"`, 'location = "quay.io/one"'),
    `${image}:v1`,
  ),
  'a host without its port': conf(
    table('prefix = "b.example.com"', 'location = "quay.io/x"'),
    'b.example.com:5000/app',
  ),
  'a wildcard': conf(table('prefix = "*.example.com"', 'location = "quay.io/x"')),
  'a wildcard that leads nowhere else': conf(
    table('prefix = "*.example.com"', mirror('location = "quay.io"')),
  ),
  'a wildcard and a name of its length': conf(
    table('prefix = "*.example.com"', 'location = "quay.io/w"') +
      table('prefix = "a.example.com"', 'location = "quay.io/p"'),
  ),
  'mirrors of a tag': conf(mirrors),
  'mirrors of a digest': conf(mirrors, `${image}@${digest}`),
  'mirrors by digest only, of a tag': conf(
    table(
      'location = "a.example.com"',
      'mirror-by-digest-only = true',
      mirror('location = "quay.io"'),
    ),
  ),
  'mirrors by digest only, of a digest': conf(
    table(
      'location = "a.example.com"',
      'mirror-by-digest-only = true',
      mirror('location = "quay.io"'),
    ),
    `${image}@${digest}`,
  ),
  'a mirror of docker.io': conf(
    table('location = "docker.io"', mirror('location = "quay.io/hub"')),
    'docker.io/alpine',
  ),
  'a mirror that ends in a slash': conf(
    table('location = "a.example.com"', mirror('location = "quay.io/x/"')),
  ),
  'a mirror with a namespace': conf(
    table(
      'location = "a.example.com"',
      mirror('location = "quay.io"', 'namespace-proxy = "a.example.com"'),
    ),
  ),
  insecure: conf(table('location = "plain.test"', 'insecure = true'), 'plain.test/app'),
  'not insecure': conf('', 'plain.test/app'),
  blocked: conf(table('location = "a.example.com"', 'blocked = true')),
  'blocked, with a mirror': conf(
    table('location = "a.example.com"', 'blocked = true', mirror('location = "quay.io"')),
  ),
  'a mirror that is blocked': conf(
    table('location = "a.example.com"', mirror('location = "quay.io"')) +
      table('location = "quay.io"', 'blocked = true'),
  ),
  'blocked by a name that leads elsewhere': conf(
    table('prefix = "a.example.com"', 'location = "quay.io"', 'blocked = true'),
  ),
  'a name that becomes none': conf(to('docker.io')),
  'names in capitals': conf('[[Registry]]\nPREFIX = "a.example.com"\nLocation = "quay.io/x"\n'),
  'the file of the user': {
    files: { [user]: to('quay.io/user'), [main]: to('quay.io/etc') },
    text: image,
  },
  'the file of the vendor': { files: { [share]: to('quay.io/share') }, text: image },
  'drop-ins of three folders': {
    files: {
      [`${share}.d/5.conf`]: to('quay.io/share'),
      [`${main}.d/4.conf`]: to('quay.io/etc'),
      [`${user}.d/3.conf`]: to('quay.io/user'),
    },
    text: image,
  },
  'a drop-in of the same name': {
    files: { [`${main}.d/5.conf`]: to('quay.io/etc'), [`${user}.d/5.conf`]: '' },
    text: image,
  },
  'a drop-in beside a file of the user': {
    files: { [user]: '', [`${main}.d/5.conf`]: to('quay.io/etc') },
    text: image,
  },
  'a drop-in for root': {
    files: { '/etc/containers/registries.rootful.conf.d/5.conf': to('quay.io/root') },
    text: image,
  },
  'a drop-in for users': {
    files: { '/etc/containers/registries.rootless.conf.d/5.conf': to('quay.io/users') },
    text: image,
    uid: 1000,
  },
  'a drop-in for one user': {
    files: { '/etc/containers/registries.rootless.conf.d/1000/5.conf': to('quay.io/one') },
    text: image,
    uid: 1000,
  },
  'a table in a drop-in, whole': {
    files: { [main]: mirrors, [`${main}.d/5.conf`]: table('location = "a.example.com"') },
    text: image,
  },
  XDG_CONFIG_HOME: {
    files: {
      '/home/u/x/containers/registries.conf': to('quay.io/xdg'),
      [user]: to('quay.io/user'),
    },
    variables: { XDG_CONFIG_HOME: '/home/u/x' },
    text: image,
  },
  CONTAINERS_REGISTRIES_CONF: {
    files: {
      '/home/u/c.conf': to('quay.io/named'),
      [main]: to('quay.io/etc'),
      [`${main}.d/5.conf`]: table('location = "b.example.com:5000"'),
    },
    variables: { CONTAINERS_REGISTRIES_CONF: '/home/u/c.conf' },
    text: image,
  },
  'CONTAINERS_REGISTRIES_CONF with a drop-in': {
    files: { '/home/u/c.conf': to('quay.io/named'), [`${main}.d/5.conf`]: to('quay.io/etc') },
    variables: { CONTAINERS_REGISTRIES_CONF: '/home/u/c.conf' },
    text: image,
  },
  'CONTAINERS_REGISTRIES_CONF of a file that is not there': {
    files: {},
    variables: { CONTAINERS_REGISTRIES_CONF: '/home/u/c.conf' },
    text: image,
  },
  'CONTAINERS_REGISTRIES_CONF of nothing': {
    files: { [main]: to('quay.io/etc') },
    variables: { CONTAINERS_REGISTRIES_CONF: '/dev/null' },
    text: image,
  },
  CONTAINERS_REGISTRIES_CONF_OVERRIDE: {
    files: { '/home/u/o.conf': to('quay.io/over'), [`${main}.d/5.conf`]: to('quay.io/etc') },
    variables: { CONTAINERS_REGISTRIES_CONF_OVERRIDE: '/home/u/o.conf' },
    text: image,
  },
  'version 1': conf(
    `[registries.search]\nregistries = ["quay.io"]\n[registries.insecure]\nregistries = ["plain.test"]\n[registries.block]\nregistries = ["a.example.com"]\n`,
    'plain.test/app',
  ),
  'version 1 that blocks': conf('[registries.block]\nregistries = ["a.example.com"]\n'),
  'version 1 of empty lists': conf('[registries.search]\nregistries = []\n'),
  'version 1 in a drop-in': {
    files: { [`${main}.d/5.conf`]: '[registries.block]\nregistries = ["quay.io"]\n' },
    text: image,
  },
  'both versions': conf(`${search}[registries.block]\nregistries = ["quay.io"]\n`),
  'no TOML': conf('[[registry]]\nlocation = a.example.com\n'),
  'TOML 1.1': conf(
    '[[registry]]\nlocation = "a\\x2eexample.com"\n[[registry.mirror]]\nlocation = "quay.io"\n',
  ),
  'a byte order mark': conf(`\ufeff${to('quay.io/x')}`),
  'not UTF-8': { files: { [main]: Buffer.from([0x23, 0x20, 0xff, 0x0a]) }, text: image },
  'another type': conf(table('location = "a.example.com"', 'insecure = "true"')),
  'one table for a list': conf('[registry]\nlocation = "a.example.com"\n'),
  'a scheme': conf(table('location = "https://a.example.com"')),
  'no location': conf(table('prefix = "a.example.com"')),
  'tables that differ': conf(
    table('location = "quay.io"') +
      table('prefix = "a.example.com"', 'location = "quay.io"', 'insecure = true'),
  ),
  'a mirror without location': conf(table('location = "a.example.com"', mirror('insecure = true'))),
  'a use that nobody knows': conf(
    table(
      'location = "a.example.com"',
      mirror('location = "quay.io"', 'pull-from-mirror = "never"'),
    ),
  ),
  'a use beside by-digest-only': conf(
    table(
      'location = "a.example.com"',
      'mirror-by-digest-only = true',
      mirror('location = "quay.io"', 'pull-from-mirror = "all"'),
    ),
  ),
  'a use of the registry': conf(table('location = "a.example.com"', 'pull-from-mirror = "all"')),
  'a wildcard with a path': conf(table('prefix = "*.example.com/x"', 'location = "quay.io"')),
  'an alias with a tag': conf('[aliases]\n"app" = "quay.io/app:v1"\n'),
  'a search of a path': conf('unqualified-search-registries = ["quay.io/x"]\n'),
  'a mode that nobody knows': conf('short-name-mode = "prompt"\n'),
  'a drop-in that is no folder': { files: { [`${main}.d`]: '' }, text: image },
};

/** For podman and its likes. */
export const shortNames: Readonly<Record<string, Situation>> = {
  'nothing to search': conf('', 'app'),
  'an empty list to search': conf('unqualified-search-registries = []\n', 'app'),
  'several to search': conf(search, 'app'),
  'several, with a namespace and a tag': conf(search, 'team/app:v1'),
  'several, a digest': conf(search, `app@${digest}`),
  'a tag beside a digest': conf('', `quay.io/app:v1@${digest}`),
  enforcing: conf(`${search}short-name-mode = "enforcing"\n`, 'app'),
  disabled: conf(`${search}short-name-mode = "disabled"\n`, 'app'),
  'enforcing, and one alone': conf(
    'unqualified-search-registries = ["quay.io"]\nshort-name-mode = "enforcing"\n',
    'app',
  ),
  'an alias': conf(`${search}[aliases]\n"app" = "b.example.com:5000/x/app"\n`, 'app:v2'),
  'an alias to docker.io': conf('[aliases]\n"app" = "docker.io/app"\n', 'app'),
  'an alias that podman keeps': {
    files: {
      [main]: `[aliases]\n"app" = "quay.io/conf"\n`,
      [kept]: '[aliases]\n  "app" = "quay.io/kept"\n',
    },
    text: 'app',
  },
  'an alias that is taken back': {
    files: {
      [main]: `${search}[aliases]\n"app" = "quay.io/conf"\n`,
      [`${main}.d/5.conf`]: '[aliases]\n"app" = ""\n',
    },
    text: 'app',
  },
  'a file of aliases that is broken': {
    files: { [main]: search, [kept]: '[aliases]\n"app" = "app"\n' },
    text: 'app',
  },
  'a file of aliases that is broken, of a full name': {
    files: { [kept]: '[aliases]\n"app" = "app"\n' },
    text: image,
  },
  'a search of a name that becomes none, and another': conf(
    `unqualified-search-registries = ["a.example.com", "quay.io"]\n${to('docker.io')}`,
    'app',
  ),
  'a search of what is blocked, and another': conf(
    `${search}${table('location = "quay.io"', 'blocked = true')}`,
    'app',
  ),
  'a search in a drop-in': {
    files: {
      [main]: search,
      [`${main}.d/5.conf`]: 'unqualified-search-registries = ["a.example.com"]\n',
    },
    text: 'app',
  },
  'a host without a dot': conf('unqualified-search-registries = ["registry"]\n', 'app'),
  'version 1 that searches': conf(
    '[registries.search]\nregistries = ["quay.io", "a.example.com"]\n',
    'app',
  ),
};
