// registries.conf, drawn at random: mostly sound, now and then with what clients refuse; of few names, so that
// prefixes, locations and images meet.
import fc from 'fast-check';
import type { Situation } from './programs.ts';
import { plainHosts, secureHosts } from './stand-in.ts';

const hosts = [...secureHosts, ...plainHosts, 'docker.io'];
const host = fc.constantFrom(...hosts);
const path = fc.constantFrom('', '', '/team', '/team/app', '/x', '/');
const place = fc.tuple(host, path).map((parts) => parts.join(''));
const prefix = fc.oneof(
  { weight: 4, arbitrary: place },
  { weight: 1, arbitrary: fc.constantFrom('*.example.com', '*.com', '*.test', '*.plain.test') },
);
const rare = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 6, nil: undefined });
const flag = fc.option(fc.boolean(), { freq: 2, nil: undefined });

type Lines = Readonly<Record<string, unknown>>;
const toml = (lines: Lines) =>
  Object.entries(lines)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join('');

const mirror = fc
  .record({
    location: place,
    insecure: flag,
    'pull-from-mirror': fc.option(fc.constantFrom('all', 'digest-only', 'tag-only'), {
      freq: 2,
      nil: undefined,
    }),
  })
  .map((lines) => `[[registry.mirror]]\n${toml(lines)}`);

const registry = fc
  .tuple(
    fc.record({
      prefix: fc.option(prefix, { freq: 2, nil: undefined }),
      location: fc.option(place, { freq: 12, nil: undefined }),
      insecure: flag,
      blocked: rare(fc.constant(true)),
      'mirror-by-digest-only': rare(fc.constant(true)),
    }),
    fc.array(mirror, { maxLength: 3 }),
  )
  .map(([lines, mirrors]) => `[[registry]]\n${toml(lines)}${mirrors.join('')}`);

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
        nil: undefined,
      }),
      'short-name-mode': fc.option(fc.constantFrom('enforcing', 'permissive', 'disabled'), {
        freq: 2,
        nil: undefined,
      }),
    }),
    fc.array(registry, { maxLength: 3 }),
    fc.option(aliases, { freq: 2, nil: '' }),
  )
  .map(([lines, registries, told]) => toml(lines) + registries.join('') + told);
const conf = fc.oneof({ weight: 12, arbitrary: sound }, { weight: 1, arbitrary: fault });

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
  '/home/u/named.conf',
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
    others: fc.dictionary(fc.constantFrom(...files), conf, { maxKeys: 2 }),
    variable: rare(
      fc.constantFrom('CONTAINERS_REGISTRIES_CONF', 'CONTAINERS_REGISTRIES_CONF_OVERRIDE'),
    ),
    uid: fc.constantFrom(0, 1000),
    text,
  })
  .map(({ main, others, variable, ...rest }) => ({
    ...rest,
    files: { [`${etc}.conf`]: main, ...others },
    variables: variable === undefined ? {} : { [variable]: '/home/u/named.conf' },
  }));
