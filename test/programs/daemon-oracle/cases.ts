// Configurations of containerd's hosts, by hand and drawn from the grammar; paths are below the root of hosts files.
import fc from 'fast-check';
import { dockerHost, plainHosts, secureHosts } from '../config-oracle/stand-in.ts';

export interface HostsCase {
  readonly files: Readonly<Record<string, string>>;
  readonly image: string;
}

const image = 'a.example.com/team/app:1';
const own = 'a.example.com/hosts.toml';
const of = (text: string, more: Partial<HostsCase> = {}): HostsCase => ({
  image,
  files: { [own]: text },
  ...more,
});
const digest = `sha256:${'0'.repeat(64)}`;

export const cases: Readonly<Record<string, HostsCase>> = {
  'nothing is said': { image, files: {} },
  'an empty file': of(''),
  'one mirror, the registry after it': of('[host."https://quay.io"]\n'),
  'mirrors in the order of the file': of(
    'server = "https://c.a.example.com"\n[host."http://plain.test"]\n[host."https://quay.io"]\n',
  ),
  'a mirror without a scheme': of('[host."quay.io"]\n'),
  'a server without a scheme': of('server = "quay.io"\n'),
  'a path before the name': of('[host."https://quay.io/hub"]\n'),
  'a path that ends in v2': of('[host."https://quay.io/hub/v2"]\n'),
  'a path with v2 in front': of('[host."https://quay.io/v2/hub"]\n'),
  'a whole path': of('[host."https://quay.io/v2/hub"]\noverride_path = true\n'),
  'a slash at the end': of('[host."https://quay.io/hub/"]\n'),
  'one that pulls and does not resolve': of('[host."https://quay.io"]\ncapabilities = ["pull"]\n'),
  'one that resolves and does not pull': of(
    '[host."https://quay.io"]\ncapabilities = ["resolve"]\n',
  ),
  'by digest one that pulls will do': of('[host."https://quay.io"]\ncapabilities = ["pull"]\n', {
    image: `a.example.com/team/app@${digest}`,
  }),
  'an unknown capability': of('[host."https://quay.io"]\ncapabilities = ["pull", "fly"]\n'),
  'a value of another type': of('[host."https://quay.io"]\nskip_verify = "yes"\n'),
  'what is no TOML': of('[host."https://quay.io"\n'),
  'a CA that is not there': of('[host."https://quay.io"]\nca = "absent.pem"\n'),
  'a table that goes on after another': of(
    '[host."https://quay.io"]\n[host."http://plain.test"]\n[host."https://quay.io".header]\nx-a = "1"\n',
  ),
  'keys with dots begin no host': of('host."https://quay.io".capabilities = ["pull"]\n'),
  'HTTPS is not spoken where HTTPS is meant': of('[host."https://plain.test"]\n'),
  'port and underscores': {
    image: 'b.example.com:5000/app:1',
    files: {
      'b.example.com_5000_/hosts.toml': '[host."https://quay.io"]\n',
      'b.example.com:5000/hosts.toml': '[host."http://plain.test"]\n',
    },
  },
  'port and colon': {
    image: 'b.example.com:5000/app:1',
    files: { 'b.example.com:5000/hosts.toml': '[host."http://plain.test"]\n' },
  },
  'the name without its port is another': {
    image: 'b.example.com:5000/app:1',
    files: { 'b.example.com/hosts.toml': '[host."http://plain.test"]\n' },
  },
  'the default for all': { image, files: { '_default/hosts.toml': '[host."https://quay.io"]\n' } },
  'a default beside a folder of its own': {
    image,
    files: { '_default/hosts.toml': '[host."https://quay.io"]\n', 'a.example.com/x': '' },
  },
  'Docker Hub': {
    image: 'docker.io/library/app:1',
    files: {
      'docker.io/hosts.toml': 'server = "https://registry-1.docker.io"\n[host."https://quay.io"]\n',
    },
  },
  'Docker Hub without a server': {
    image: 'docker.io/library/app:1',
    files: { 'docker.io/hosts.toml': '[host."https://quay.io"]\n' },
  },
};

const nothing = (name: string): HostsCase => ({ image: `${name}/app:1`, files: {} });

/** Where HTTP is meant: of this machine, and with something of TLS beside it. */
export const ofThisMachine: Readonly<Record<string, HostsCase>> = {
  'localhost with a port': nothing('localhost:5000'),
  'localhost without one': nothing('localhost'),
  'port 80': nothing('127.0.0.1:80'),
  'port 443': nothing('127.0.0.1:443'),
  'an address of IPv6': nothing('[::1]:5000'),
  'an address of elsewhere': nothing('10.0.0.1:5000'),
  'localhost with a hosts file': {
    image: 'localhost:5000/app:1',
    files: { 'localhost:5000/hosts.toml': 'skip_verify = false\n' },
  },
  'TLS settings of hosts with http': of(
    '[host."http://a:5000"]\nskip_verify = false\n[host."http://b:80"]\nskip_verify = true\n[host."http://c"]\nskip_verify = true\n[host."http://d"]\n',
  ),
};

/** Mirrors of some registries, and of all others. */
export function oldTables(table: string): string {
  return `[${table}.mirrors."a.example.com"]
endpoint = ["http://plain.test", "https://quay.io/v2/hub", "c.a.example.com"]
[${table}.mirrors."docker.io"]
endpoint = ["https://quay.io"]
[${table}.mirrors."quay.io"]
endpoint = ["https://quay.io", "http://plain.test:5000/x"]
[${table}.mirrors."*"]
endpoint = ["http://d.plain.test"]
`;
}

const host = fc.constantFrom(...secureHosts, ...plainHosts, dockerHost);
const path = fc.constantFrom('', '', '/', '/hub', '/hub/', '/v2', '/v2/hub', '/a/../b/v2');
const url = fc
  .tuple(fc.constantFrom('https://', 'http://', ''), host, path)
  .filter(([scheme, name]) => scheme !== 'http://' || plainHosts.includes(name))
  .map((parts) => parts.join(''));
const capability = fc.constantFrom('pull', 'resolve', 'push', 'Pull', 'fly');
const setting = fc.oneof(
  fc.subarray(['pull', 'resolve', 'push']).map((it) => `capabilities = ${JSON.stringify(it)}`),
  fc.array(capability, { maxLength: 3 }).map((it) => `capabilities = ${JSON.stringify(it)}`),
  fc.constantFrom(
    'override_path = true',
    'override_path = false',
    'dial_timeout = "1s"',
    'dial_timeout = "1"',
    'header = {x-a = "1"}',
    'unknown = 1',
    'ca = "absent.pem"',
  ),
);
const settings = fc
  .uniqueArray(setting, { maxLength: 2, selector: (text) => text.split(' ')[0] })
  .map((lines) => lines.join('\n'));
const hostsText = fc
  .tuple(
    fc.option(url, { nil: undefined }),
    settings,
    fc.uniqueArray(fc.tuple(url, settings), { maxLength: 3, selector: ([name]) => name }),
  )
  .map(([server, top, hosts]) =>
    [
      ...(server === undefined ? [] : [`server = ${JSON.stringify(server)}`]),
      top,
      ...hosts.map(([name, lines]) => `[host.${JSON.stringify(name)}]\n${lines}`),
    ].join('\n'),
  );
const registry = fc.constantFrom(
  'a.example.com',
  'b.example.com:5000',
  'docker.io',
  'plain.test:5000',
);

export const hostsFiles: fc.Arbitrary<HostsCase> = fc
  .tuple(
    registry,
    hostsText,
    fc.option(hostsText, { nil: undefined }),
    fc.constantFrom(':1', `@${digest}`),
  )
  .chain(([name, text, fallback, suffix]) => {
    const folder = fc.constantFrom(name, name.replace(/:(\d+)$/, '_$1_'), '_default');
    return folder.map((first) => ({
      image: `${name}/${name === 'docker.io' ? 'library/' : ''}app${suffix}`,
      files: {
        ...(fallback !== undefined && { '_default/hosts.toml': fallback }),
        [`${first}/hosts.toml`]: text,
      },
    }));
  });
