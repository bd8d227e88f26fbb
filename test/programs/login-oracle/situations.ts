// Situations by hand, one for each rule of the lookups, and the grammar of those that are drawn.
import fc from 'fast-check';
import { authOf } from '../../lib/host-folder.ts';
import type { AuthFile, Entry, Situation } from './situation.ts';

const runtime = '~/runtime/containers/auth.json';
const config = '~/.config/containers/auth.json';
const docker = '~/.docker/config.json';
const old = '~/.dockercfg';
const one = (user: Entry, key = 'HOST'): AuthFile => ({ auths: { [key]: user } });
const env = JSON.stringify({ auths: { HOST: authOf('env', 'secret') } });

export const byHand: Readonly<Record<string, Situation>> = {
  'nothing at all': { files: {} },
  'the runtime folder': { files: { [runtime]: one('runtime'), [docker]: one('docker') } },
  'the configuration folder': { files: { [config]: one('config'), [docker]: one('docker') } },
  XDG_CONFIG_HOME: {
    files: { '~/x/containers/auth.json': one('xdg'), [config]: one('config') },
    variables: { XDG_CONFIG_HOME: '~/x' },
  },
  'the file of Docker': { files: { [docker]: one('docker'), [old]: one('old') } },
  'the old file of Docker': { files: { [old]: one('old') } },
  'the old file, by a URL': { files: { [old]: one('old', 'https://HOST/v1/') } },
  DOCKER_CONFIG: {
    files: { '~/d/config.json': one('chosen'), [docker]: one('docker'), [runtime]: one('runtime') },
    variables: { DOCKER_CONFIG: '~/d' },
  },
  'DOCKER_CONFIG without the registry': {
    files: { '~/d/config.json': one('other', 'other.example'), [config]: one('config') },
    variables: { DOCKER_CONFIG: '~/d' },
  },
  REGISTRY_AUTH_FILE: {
    files: { '~/r.json': one('raf'), [runtime]: one('runtime'), '~/d/config.json': one('d') },
    variables: { REGISTRY_AUTH_FILE: '~/r.json', DOCKER_CONFIG: '~/d' },
  },
  'REGISTRY_AUTH_FILE that is not there': {
    files: { [config]: one('config'), [docker]: one('docker') },
    variables: { REGISTRY_AUTH_FILE: '~/none.json' },
  },
  DOCKER_AUTH_CONFIG: {
    files: { [docker]: one('docker') },
    variables: { DOCKER_AUTH_CONFIG: env },
  },
  'DOCKER_AUTH_CONFIG alone': { files: {}, variables: { DOCKER_AUTH_CONFIG: env } },
  'a runtime folder that is not there': {
    files: { [config]: one('config') },
    variables: { XDG_RUNTIME_DIR: '~/nowhere' },
  },
  'a repository, a namespace and the host': {
    files: {
      [docker]: { auths: { HOST: 'host', 'HOST/team': 'team', 'HOST/team/app': 'app' } },
    },
  },
  'a namespace and the host': {
    files: { [docker]: { auths: { HOST: 'host', 'HOST/team': 'team' } } },
  },
  'another namespace alone': { files: { [docker]: one('other', 'HOST/other') } },
  'half a namespace': { files: { [docker]: one('half', 'HOST/tea') } },
  'a URL': { files: { [docker]: one('url', 'http://HOST/v1/') } },
  'a URL without a path': { files: { [docker]: one('url', 'https://HOST') } },
  'the host without its port': { files: { [docker]: one('bare', '127.0.0.1') } },
  'a slash behind the host': { files: { [docker]: one('slash', 'HOST/') } },
  'an entry without a login, and a file behind': {
    files: { [runtime]: one({}), [docker]: one('docker') },
  },
  'an auth without a colon, and a file behind': {
    files: {
      [runtime]: one({ auth: Buffer.from('nobody').toString('base64') }),
      [config]: one('config'),
    },
  },
  'an auth that is not Base64': { files: { [docker]: one({ auth: '!!!' }) } },
  'such an auth for another host': {
    files: { [docker]: { auths: { HOST: 'host', 'other.example': { auth: '!!!' } } } },
  },
  'user and password in plain': {
    files: { [docker]: one({ username: 'plain', password: 'secret' }) },
  },
  'an identity token beside a user': {
    files: { [docker]: one({ ...authOf('user', 'x'), identitytoken: 'identity' }) },
  },
  'an identity token alone': { files: { [docker]: one({ identitytoken: 'identity' }) } },
  'a broken file': { files: { [docker]: '{"auths":{' } },
  'a broken file before a good one': { files: { [config]: '[]', [docker]: one('docker') } },
  'an empty file': { files: { [docker]: '' } },
  'a helper': { files: { [docker]: { ...one('entry'), credHelpers: { HOST: 'good' } } } },
  'a helper that has an identity token': {
    files: { [docker]: { credHelpers: { HOST: 'token' } } },
  },
  'a helper that has nothing': { files: { [docker]: { credHelpers: { HOST: 'none' } } } },
  'a helper that has nothing, and a file behind': {
    files: { [config]: { credHelpers: { HOST: 'none' } }, [docker]: one('docker') },
  },
  'a helper that fails': { files: { [docker]: { credHelpers: { HOST: 'broken' } } } },
  'a helper that is not there': { files: { [docker]: { credHelpers: { HOST: 'absent' } } } },
  'a helper that may not be executed': { files: { [docker]: { credHelpers: { HOST: 'locked' } } } },
  'a helper of another host': {
    files: { [docker]: { ...one('entry'), credHelpers: { 'other.example': 'broken' } } },
  },
  credsStore: { files: { [docker]: { credsStore: 'good' } } },
  'credsStore beside an entry': { files: { [docker]: { ...one('entry'), credsStore: 'good' } } },
  'credsStore that is not there': {
    files: { [docker]: { ...one('entry'), credsStore: 'absent' } },
  },
  'a helper of registries.conf': {
    files: { [docker]: one('docker') },
    helpers: ['good', 'containers-auth.json'],
  },
  'a helper of registries.conf behind the files': {
    files: { [docker]: one('docker', 'other.example') },
    helpers: ['containers-auth.json', 'good'],
  },
  'a helper of registries.conf that fails before the files': {
    files: { [docker]: one('docker') },
    helpers: ['broken', 'containers-auth.json'],
  },
  'a helper of registries.conf that fails': { files: {}, helpers: ['absent'] },
  'names in other letters': {
    files: { [docker]: `{"AUTHS":{"HOST":{"Auth":"${authOf('big', 'secret').auth}"}}}` },
  },
};

const keys = fc.constantFrom(
  ...['HOST', 'HOST', 'HOST/team', 'HOST/team/app', 'HOST/other', 'https://HOST/v1/', 'HOST/'],
  ...['other.example', '127.0.0.1', 'docker.io'],
);
const user = fc.constantFrom('ada', 'bob', 'eve', 'u:with:colons');
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: user },
  fc.constant({}),
  fc.constant({ auth: 'bm9ib2R5' }),
  fc.constant({ ...authOf('user', 'x'), identitytoken: 'identity' }),
);
const helper = fc.constantFrom('good', 'none', 'token', 'broken', 'absent');
const authFile: fc.Arbitrary<AuthFile> = fc.record(
  {
    // One key: with several that fit alike, clients in Go take any.
    auths: fc.dictionary(keys, entry, { maxKeys: 1 }),
    credHelpers: fc.dictionary(fc.constantFrom('HOST', 'other.example'), helper, { maxKeys: 1 }),
  },
  { requiredKeys: ['auths'] },
);
const path = fc.constantFrom(
  runtime,
  config,
  docker,
  '~/x/containers/auth.json',
  '~/d/config.json',
  '~/r.json',
);
const variables = fc.subarray([
  ['XDG_CONFIG_HOME', '~/x'],
  ['DOCKER_CONFIG', '~/d'],
  ['REGISTRY_AUTH_FILE', '~/r.json'],
  ['DOCKER_AUTH_CONFIG', env],
] as const);

export const drawn: fc.Arbitrary<Situation> = fc
  .record({ files: fc.dictionary(path, authFile, { maxKeys: 4 }), set: variables })
  .map(({ files, set }) => ({ files, variables: Object.fromEntries(set) }));
