// registries.conf, drawn at random: mostly sound, now and then with what clients refuse; of few names, so that
// prefixes, locations and images meet.
import fc from 'fast-check';
import type { Situation } from './programs.ts';
import { plainHosts, secureHosts } from './stand-in.ts';

const hosts = [...secureHosts, ...plainHosts, 'docker.io'];
/** Few that come often, so that tables and images meet. */
const host = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a.example.com', 'plain.test', 'docker.io') },
  { weight: 1, arbitrary: fc.constantFrom(...hosts) },
);
const path = fc.constantFrom('', '', '', '', '/team', '/team/app', '/x', '/');
const place = fc.tuple(host, path).map((parts) => parts.join(''));
const prefix = fc.oneof(
  { weight: 4, arbitrary: place },
  { weight: 1, arbitrary: fc.constantFrom('*.example.com', '*.com', '*.test', '*.plain.test') },
);
/** There once in so many times. */
const onceIn = <T>(times: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { weight: 1, arbitrary: value },
    { weight: times - 1, arbitrary: fc.constant(undefined) },
  );
type Lines = Readonly<Record<string, unknown>>;
const toml = (lines: Lines) =>
  Object.entries(lines)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join('');

const use = fc.constantFrom('all', 'digest-only', 'tag-only');
const mirror = fc.record({
  location: place,
  insecure: onceIn(2, fc.boolean()),
  'pull-from-mirror': onceIn(3, use),
});

/** Tables of one location that differ end the client: mostly they do not. */
const isInsecure = (location: string) =>
  plainHosts.includes(location.replace(/\/.*/, '')) || undefined;

const registry = fc
  .record({
    prefix: onceIn(2, prefix),
    location: place,
    insecure: onceIn(20, fc.boolean()),
    blocked: onceIn(12, fc.constant(true)),
    byDigest: onceIn(8, fc.constant(true)),
    isMad: fc.oneof(
      { weight: 19, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    mirrors: fc.array(mirror, { maxLength: 3, size: 'max' }),
  })
  .map(({ location, insecure, byDigest, isMad, mirrors, ...lines }) => {
    const table = {
      ...lines,
      location: isMad && !byDigest ? undefined : location,
      insecure: insecure ?? isInsecure(location),
      'mirror-by-digest-only': byDigest,
    };
    // Who says for all mirrors which pulls they are for may not say so for one.
    const uses = byDigest && !isMad ? { 'pull-from-mirror': undefined } : {};
    const told = mirrors.map((it) => `[[registry.mirror]]\n${toml({ ...it, ...uses })}`);
    return `[[registry]]\n${toml(table)}${told.join('')}`;
  });

const target = fc
  .tuple(host, fc.constantFrom('/app', '/team/app', '/x/y'))
  .map((it) => it.join(''));
const aliases = fc
  .record({ app: fc.option(target), 'team/app': fc.option(fc.oneof(target, fc.constant(''))) })
  .map((lines) => {
    const told = Object.entries(lines).filter(([, value]) => value !== null);
    return `[aliases]\n${told.map(([name, value]) => `"${name}" = "${value}"\n`).join('')}`;
  });

/** What no client takes, or not every client. */
const fault = fc.constantFrom(
  'short-name-mode = "asking"\n',
  'unqualified-search-registries = ["https://quay.io"]\n',
  'credential-helpers = "pass"\n',
  '[[registry]]\nlocation = 5\n',
  '[[registry]]\nlocation = "http://quay.io"\n',
  '[registries.search]\nregistries = ["quay.io"]\n',
  '[registries.insecure]\nregistries = []\n',
  'nonsense\n',
);

const sound = fc
  .tuple(
    fc.record({
      'unqualified-search-registries': fc.option(fc.uniqueArray(host, { maxLength: 3 }), {
        freq: 4,
        nil: undefined,
      }),
      'short-name-mode': onceIn(3, fc.constantFrom('enforcing', 'permissive', 'disabled')),
    }),
    fc.array(registry, { minLength: 1, maxLength: 4 }),
    fc.option(aliases, { nil: '', freq: 2 }),
  )
  .map(([lines, registries, told]) => toml(lines) + registries.join('') + told);
const conf = fc.oneof({ weight: 20, arbitrary: sound }, { weight: 1, arbitrary: fault });

const etc = '/etc/containers/registries';
const user = '/home/u/.config/containers/registries.conf';
const files = [
  `${etc}.conf`,
  user,
  '/usr/share/containers/registries.conf',
  `${etc}.conf.d/10.conf`,
  `${etc}.conf.d/20.conf`,
  `${etc}.rootful.conf.d/20.conf`,
  `${etc}.rootless.conf.d/10.conf`,
  `${user}.d/20.conf`,
] as const;

const digest = `@sha256:${'7'.repeat(64)}`;
const name = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(host, fc.constantFrom('/app', '/team/app', '/x/y'))
      .map((it) => it.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom('app', 'team/app', 'x/y') },
);
const text = fc.tuple(name, fc.constantFrom('', ':v1', digest)).map((it) => it.join(''));

export const situations: fc.Arbitrary<Situation> = fc
  .record({
    main: conf,
    named: fc.option(conf, { freq: 8 }),
    others: fc.dictionary(fc.constantFrom(...files), conf, { maxKeys: 2 }),
    variable: onceIn(
      8,
      fc.constantFrom('CONTAINERS_REGISTRIES_CONF', 'CONTAINERS_REGISTRIES_CONF_OVERRIDE'),
    ),
    uid: fc.constantFrom(0, 1000),
    text,
  })
  .map(({ main, named, others, variable, ...rest }) => ({
    ...rest,
    files: {
      [`${etc}.conf`]: main,
      ...(named === null ? {} : { '/home/u/named.conf': named }),
      ...others,
    },
    variables: variable === undefined ? {} : { [variable]: '/home/u/named.conf' },
  }));
