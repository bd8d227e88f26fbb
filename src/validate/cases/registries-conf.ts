// Cases for the rules about registries.conf.

import type { RuleCase } from './rule-case.ts';

/** One [[registry]] with these lines. */
const registry = (...lines: string[]) => ['[[registry]]', ...lines, ''].join('\n');
const mirror = (...lines: string[]) => ['[[registry.mirror]]', ...lines, ''].join('\n');
const at = (location: string) => `location = "${location}"`;
const prefix = (name: string, location = 'h.test') => registry(`prefix = "${name}"`, at(location));
const alias = (name: string, target: string) => `[aliases]\n"${name}" = "${target}"\n`;

/** Of version 1. */
const lists = '[registries.block]\nregistries = ["h.test"]\n';
const emptyLists = '[registries.block]\nregistries = []\n';

/** Much of what can be said, all of it right. */
export const rightRegistriesConf = [
  'unqualified-search-registries = ["docker.io", "h.test:5000"]',
  'short-name-mode = "enforcing"',
  'credential-helpers = ["containers-auth.json", "secretservice"]',
  registry('prefix = "docker.io/library"', at('m.test/hub'), 'insecure = true'),
  mirror(at('m1.test/hub'), 'pull-from-mirror = "digest-only"'),
  mirror(at('m1.test/hub'), 'pull-from-mirror = "tag-only"', 'insecure = true'),
  registry('prefix = "*.example.com"', 'blocked = true'),
  registry(at('a.example.com'), 'mirror-by-digest-only = true'),
  mirror(at('m2.test')),
  alias('fedora', 'registry.fedoraproject.org/fedora'),
].join('\n');

const tableCases: readonly RuleCase[] = [
  {
    rule: 'registries-location-missing',
    bad: prefix('p.test', '//'),
    good: prefix('p.test', 'h.test//'),
  },
  {
    rule: 'registries-version-1',
    bad: '[registries.search]\nregistries = ["h.test"]',
    good: 'unqualified-search-registries = ["h.test"]',
  },
  {
    rule: 'registries-unknown-key',
    bad: registry(at('h.test'), 'blockd = true'),
    good: registry(at('h.test'), 'blocked = true'),
  },
  {
    rule: 'registries-unknown-key',
    bad: `short-name-mode = ""\nmirror = []`,
    good: `short-name-mode = ""\nadditional-layer-store-auth-helper = "x"`,
  },
  {
    rule: 'registries-unknown-key',
    bad: registry(at('h.test')) + mirror(at('m.test'), 'blocked = true'),
    good: registry(at('h.test')) + mirror(at('m.test'), 'namespace-proxy = "h.test"'),
  },
  {
    rule: 'registries-search',
    bad: 'unqualified-search-registries = "h.test"',
    good: 'unqualified-search-registries = []',
  },
  {
    rule: 'registries-search-host',
    bad: 'unqualified-search-registries = ["https://h.test"]',
    good: 'unqualified-search-registries = ["localhost:5000/"]',
  },
  {
    rule: 'registries-search-host',
    bad: 'unqualified-search-registries = ["h.test/team"]',
    good: 'unqualified-search-registries = ["h.test:5000"]',
  },
  {
    rule: 'registries-short-name-mode',
    bad: 'short-name-mode = "Enforcing"',
    good: 'short-name-mode = "disabled"',
  },
  {
    rule: 'registries-credential-helpers',
    kind: 'registries-conf',
    bad: 'credential-helpers = "x"',
    good: 'credential-helpers = ["x"]',
  },
  {
    rule: 'credential-helper-name',
    kind: 'registries-conf',
    bad: 'credential-helpers = ["docker-credential-pass"]',
    good: 'credential-helpers = ["containers-auth.json", "pass"]',
  },
  {
    rule: 'registries-text',
    bad: registry(at('h.test'), 'prefix = 1979-05-27'),
    good: registry(at('h.test'), 'prefix = ""'),
  },
  { rule: 'registries-text', bad: registry('location = true'), good: registry(at('h.test')) },
  {
    rule: 'registries-flag',
    bad: registry(at('h.test'), 'insecure = "true"'),
    good: registry(at('h.test'), 'insecure = true'),
  },
  {
    rule: 'registries-registry',
    kind: 'registries-conf',
    bad: '[registry]\nlocation = "h.test"',
    good: registry(at('h.test')),
  },
  {
    rule: 'registries-table',
    kind: 'registries-conf',
    bad: 'registry = ["h.test"]',
    good: 'registry = [{ location = "h.test" }]',
  },
  {
    rule: 'registries-aliases',
    kind: 'registries-conf',
    bad: 'aliases = ["a"]',
    good: 'aliases = {}',
  },
];

const mirrorCases: readonly RuleCase[] = [
  {
    rule: 'registries-mirrors',
    bad: registry(at('h.test'), '[registry.mirror]', at('m.test')),
    good: registry(at('h.test')) + mirror(at('m.test')),
  },
  {
    rule: 'registries-mirror-table',
    bad: registry(at('h.test'), 'mirror = ["m.test"]'),
    good: registry(at('h.test'), 'mirror = [{ location = "m.test" }]'),
  },
  {
    rule: 'registries-mirror-location',
    bad: registry(at('h.test')) + mirror('insecure = true'),
    good: registry(at('h.test')) + mirror(at('m.test'), 'insecure = true'),
  },
  {
    rule: 'registries-mirror-location',
    bad: registry(at('h.test')) + mirror(at('/')),
    good: registry(at('h.test')) + mirror(at('m.test/')),
  },
  {
    rule: 'registries-pull-from-mirror',
    bad: registry(at('h.test')) + mirror(at('m.test'), 'pull-from-mirror = "digest"'),
    good: registry(at('h.test')) + mirror(at('m.test'), 'pull-from-mirror = ""'),
  },
  {
    rule: 'registries-pull-from-mirror-place',
    bad: registry(at('h.test'), 'pull-from-mirror = "all"'),
    good: registry(at('h.test')) + mirror(at('m.test'), 'pull-from-mirror = "all"'),
  },
  {
    rule: 'registries-mirror-use',
    bad:
      registry(at('h.test'), 'mirror-by-digest-only = true') +
      mirror(at('m.test'), 'pull-from-mirror = "digest-only"'),
    good:
      registry(at('h.test'), 'mirror-by-digest-only = false') +
      mirror(at('m.test'), 'pull-from-mirror = "digest-only"'),
  },
  {
    rule: 'registries-no-effect',
    bad: registry(at('h.test'), 'mirror-by-digest-only = true'),
    good: registry(at('h.test'), 'mirror-by-digest-only = true') + mirror(at('m.test')),
  },
  {
    rule: 'registries-no-effect',
    bad: registry(at('h.test'), 'blocked = true') + mirror(at('m.test')) + mirror(at('m.test')),
    // Mirrors of what is blocked are asked.
    good: registry(at('h.test'), 'blocked = true') + mirror(at('m.test')),
  },
  {
    rule: 'registries-no-effect',
    bad: registry(at('h.test')) + mirror(at('m.test')) + mirror(at('m.test/')),
    good: registry(at('h.test')) + mirror(at('m.test')) + mirror(at('m.test/h')),
  },
];

const nameCases: readonly RuleCase[] = [
  {
    rule: 'registries-name',
    bad: registry(at('https://h.test')),
    good: registry(at('h.test:443/a/')),
  },
  { rule: 'registries-name', bad: prefix('h.test/Team'), good: prefix('H.test/team') },
  {
    rule: 'registries-name',
    bad: prefix('user:pass@h.test'),
    good: prefix(`h.test/app@sha256:${'a'.repeat(64)}`),
  },
  { rule: 'registries-name', bad: prefix('h.test/app:-'), good: prefix('h.test/app:v1') },
  {
    rule: 'registries-name',
    bad: registry(at('h.test')) + mirror(at('http://m.test')),
    good: registry(at('h.test')) + mirror(at('m.test:80')),
  },
  { rule: 'registries-wildcard', bad: prefix('a.*.test'), good: prefix('*.a.test') },
  { rule: 'registries-wildcard', bad: prefix('*.h.test/team'), good: prefix('*.h.test') },
  { rule: 'registries-wildcard', bad: prefix('*.h.test:5000'), good: prefix('*.localhost') },
  {
    rule: 'registries-location-missing',
    bad: registry('prefix = "h.test"'),
    good: registry('prefix = "*.h.test"'),
  },
  {
    rule: 'registries-location-missing',
    bad: registry('insecure = true'),
    good: registry(at('h')),
  },
  {
    rule: 'registries-prefix-duplicate',
    bad: registry(at('h.test')) + prefix('h.test/', 'i.test'),
    good: registry(at('h.test')) + prefix('h.test/a', 'i.test'),
  },
  {
    rule: 'registries-conflict',
    bad: prefix('a.test') + prefix('b.test') + registry(at('h.test'), 'insecure = true'),
    good: prefix('a.test') + prefix('b.test') + registry(at('i.test'), 'insecure = true'),
  },
  {
    rule: 'registries-conflict',
    bad: `${prefix('a.test')}blocked = true\n${prefix('b.test')}`,
    good: `${prefix('a.test')}blocked = true\n${prefix('b.test')}blocked = true\n`,
  },
  { rule: 'registries-unreachable', bad: prefix('index.docker.io'), good: prefix('docker.io') },
  { rule: 'registries-unreachable', bad: prefix('team/app'), good: prefix('localhost/app') },
  {
    rule: 'registries-unreachable',
    bad: prefix('docker.io/app:v1'),
    good: prefix('docker.io/app'),
  },
  {
    rule: 'registries-unreachable',
    bad: prefix(`h.test/app:v1@sha256:${'a'.repeat(64)}`),
    good: prefix('docker.io/library/app:v1'),
  },
  {
    rule: 'registries-search-useless',
    bad: `unqualified-search-registries = ["h.test"]\n${registry(at('h.test'), 'blocked = true')}`,
    good: `unqualified-search-registries = ["h.test"]\n${registry(at('h.test/a'), 'blocked = true')}`,
  },
  {
    rule: 'registries-search-useless',
    bad: `unqualified-search-registries = ["a.h.test"]\n${registry('prefix = "*.h.test"', 'blocked = true')}`,
    good: `unqualified-search-registries = ["h.test"]\n${registry('prefix = "*.h.test"', 'blocked = true')}`,
  },
  {
    rule: 'registries-search-useless',
    bad: 'unqualified-search-registries = ["h.test", "h.test/"]',
    good: 'unqualified-search-registries = ["h.test", "h.test:443"]',
  },
  {
    rule: 'registries-alias-name',
    kind: 'registries-conf',
    bad: alias('h.test/app', 'h.test/app'),
    good: alias('team/app', 'h.test/app'),
  },
  {
    rule: 'registries-alias-name',
    kind: 'registries-conf',
    bad: alias('app:v1', 'h.test/app'),
    good: alias('app.v1', ''),
  },
  {
    rule: 'registries-alias-target',
    kind: 'registries-conf',
    bad: alias('app', 'team/app'),
    good: alias('app', 'localhost/app'),
  },
  {
    rule: 'registries-alias-target',
    kind: 'registries-conf',
    bad: alias('app', 'h.test/app:v1'),
    good: alias('app', 'h.test:5000/team/app'),
  },
];

export const registriesConfCases: readonly RuleCase[] = [
  {
    rule: 'toml-syntax',
    bad: `${registry(at('h.test'))}location = "h.test"`,
    good: rightRegistriesConf,
  },
  {
    rule: 'toml-syntax',
    bad: registry('location = h.test'),
    good: "# \u00e9\r\n[[ registry ]]\r\nlocation = 'h'",
  },
  {
    rule: 'toml-bom',
    kind: 'registries-conf',
    bad: `\ufeff${registry(at('h.test'))}`,
    good: `# \ufeff\n${registry(at('h.test'))}`,
  },
  {
    rule: 'toml-version',
    kind: 'registries-conf',
    bad: 'registry = [{ location = "h.test", }]',
    good: 'registry = [{ location = "h.test" },\n]',
  },
  {
    rule: 'toml-version',
    kind: 'registries-conf',
    bad: 'registry = [{\n location = "h.test" }]',
    good: `registry = [{ location = '''\nh.test''' } # }, {\n]`,
  },
  {
    rule: 'toml-version',
    kind: 'registries-conf',
    bad: 'short-name-mode = "\\x64isabled"',
    good: "short-name-mode = '' # \\x64",
  },
  {
    rule: 'registries-version-1-list',
    besides: ['registries-version-1'],
    bad: lists.replace('h.test', 'https://h.test'),
    good: lists.replace('h.test', 'h.test/team'),
  },
  {
    rule: 'registries-version-1-list',
    besides: ['registries-version-1'],
    bad: lists.replace('block', 'search').replace('h.test', 'h.test/team'),
    good: lists.replace('block', 'search'),
  },
  {
    rule: 'registries-version-1-list',
    besides: ['registries-version-1'],
    bad: lists.replace(/[[]"(.*)"[\]]/, '"$1"'),
    good: lists,
  },
  {
    rule: 'registries-version-mixed',
    besides: ['registries-version-1'],
    bad: `short-name-mode = "enforcing"\n${lists}`,
    good: `short-name-mode = ""\nunqualified-search-registries = []\n${lists}`,
  },
  {
    rule: 'registries-version-mixed',
    besides: ['registries-version-1'],
    bad: `${lists}${alias('app', 'h.test/app')}`,
    good: `${emptyLists}${alias('app', 'h.test/app')}`,
  },
  {
    rule: 'registries-drop-in-version',
    besides: ['registries-version-1'],
    paths: { bad: 'registries.conf.d/10-hub.conf', good: 'registries.conf' },
    bad: lists,
    good: lists,
  },
  {
    rule: 'registries-drop-in',
    paths: { bad: 'registries.conf.d/10-hub.conf.bak', good: 'registries.conf.d/10-hub.conf' },
    bad: registry(at('h.test')),
    good: registry(at('h.test')),
  },
  {
    rule: 'registries-drop-in',
    paths: { bad: '/etc/registries.conf.d/team/hub.conf', good: 'team/hub.conf' },
    bad: registry(at('h.test')),
    good: registry(at('h.test')),
  },
  {
    rule: 'registries-library',
    bad: prefix('docker.io/alpine'),
    good: prefix('docker.io/library/alpine'),
  },
  {
    rule: 'registries-library',
    bad: registry(at('docker.io/golang')),
    good: registry(at('docker.io/library')),
  },
  ...tableCases,
  ...mirrorCases,
  ...nameCases,
];
