// Cases for the rules about auth files.

import type { Members } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const right = { auth: encode('user:pass') };

/** An auth file with a right entry for each key. */
const keys = (...names: string[]): Members => ({
  auths: Object.fromEntries(names.map((name) => [name, right])),
});
/** An auth file with this entry. */
const entry = (value: unknown, more: Members = {}): Members => ({
  auths: { 'h:1': value },
  ...more,
});
const auth = (value: unknown) => entry({ auth: value });

export const rightAuthFile = keys('h:1', 'h:1/team');

export const authFileCases: readonly RuleCase[] = [
  { rule: 'auth-file-object', kind: 'auth-file', bad: '[]', good: { auths: {} } },
  {
    rule: 'auth-file-empty',
    kind: 'auth-file',
    bad: { psFormat: 'x' },
    good: { psFormat: 'x', credHelpers: {} },
  },
  {
    rule: 'auth-file-unknown-key',
    bad: { auths: {}, Auths: {} },
    good: { auths: {}, proxies: {} },
  },
  {
    rule: 'auth-file-unknown-key',
    bad: entry({ ...right, pass: 'x' }),
    good: entry({ ...right, email: 'x' }),
  },
  { rule: 'auth-auths', bad: { auths: [] }, good: { auths: {} } },
  { rule: 'auth-entry', bad: entry('x'), good: entry(right) },
  { rule: 'auth-text', bad: auth(7), good: entry({ ...right, identitytoken: 'x' }) },
  {
    rule: 'auth-text',
    bad: entry({ ...right, identitytoken: null }),
    good: entry({ ...right, identitytoken: '' }),
  },
  { rule: 'auth-cred-helpers', bad: { credHelpers: 'x' }, good: { credHelpers: {} } },
  { rule: 'auth-helper', bad: { credHelpers: { h: 1 } }, good: { credHelpers: { h: 'pass' } } },
  {
    rule: 'auth-helper',
    bad: { auths: {}, credsStore: null },
    good: { auths: {}, credsStore: '' },
  },
  { rule: 'auth-encoding', bad: auth('user:pass'), good: auth(encode('user:pass:word')) },
  { rule: 'auth-encoding', bad: auth(encode('user')), good: auth(encode('user:')) },
  { rule: 'auth-encoding', bad: auth(encode(':pass')), good: auth(encode('u:p')) },
  { rule: 'auth-encoding', bad: auth('dXNlcjpwYXNz*'), good: auth('dXNlcjpwYXNz\n') },
  { rule: 'auth-encoding', bad: auth('dXNlcjpwYXNzdw'), good: auth('dXNlcjpwYXNzdw==') },
  { rule: 'auth-line-end', bad: auth(encode('user:pass\n')), good: auth(encode('us\ner:pa\nss')) },
  { rule: 'auth-missing', bad: entry({}), good: entry({}, { credHelpers: { 'h:1': 'pass' } }) },
  {
    rule: 'auth-missing',
    bad: entry({}, { credHelpers: { h: 'pass' } }),
    good: entry({}, { credHelpers: { h: 'pass', 'h:1': 'pass' } }),
  },
  { rule: 'auth-missing', bad: entry({ username: 'u', password: 'p' }), good: entry(right) },
  { rule: 'auth-key', bad: keys('user:secret@h:1'), good: keys('[::1]:5000/team') },
  { rule: 'auth-key', bad: keys('h:1/app:tag'), good: keys('h:1/app') },
  { rule: 'auth-key', bad: keys('*.example.com'), good: keys('a.example.com') },
  { rule: 'auth-key', bad: keys('h:1/'), good: keys('https://h:1/') },
  {
    rule: 'auth-key',
    bad: { credHelpers: { 'h:1/team': 'pass' } },
    good: { credHelpers: { 'h:1': 'pass' } },
  },
  {
    // Docker asks the helper of Docker Hub by this key, and by no other.
    rule: 'auth-key',
    bad: { credHelpers: { 'https://h:1/v1/': 'pass' } },
    good: { credHelpers: { 'https://index.docker.io/v1/': 'pass' } },
  },
  { rule: 'auth-key-duplicate', bad: keys('h:1', 'https://h:1/v1/'), good: keys('h:1', 'h:2') },
  {
    rule: 'auth-key-duplicate',
    bad: keys('index.docker.io', 'registry-1.docker.io'),
    good: keys('docker.io', 'docker.io/team'),
  },
  {
    rule: 'auth-key-login',
    bad: keys('docker.io', 'https://index.docker.io/v1/'),
    good: keys('https://index.docker.io/v1/', 'docker.io/team'),
  },
  {
    rule: 'auth-missing',
    bad: entry({}, { credsStore: '' }),
    good: { auths: { 'h:1': right }, credHelpers: { 'h:2': 'pass' } },
  },
  {
    rule: 'auth-missing',
    bad: entry({}, { credsStore: 'pass', credHelpers: { 'h:1': '' } }),
    besides: ['auth-creds-store', 'credential-helper-empty'],
    good: entry(right, { credsStore: 'pass', credHelpers: { 'h:1': '' } }),
  },
  {
    rule: 'auth-key-duplicate',
    bad: { 'h:1': right, 'http://h:1/v2/': right },
    good: { 'h:1': right, 'http://h:2/v2/': right },
    besides: ['dockercfg-name'],
  },
  {
    rule: 'auth-key-login',
    bad: keys('https://index.docker.io/v1/', 'https://index.docker.io/v1/refresh-token'),
    good: {
      auths: {
        'https://index.docker.io/v1/': {},
        'https://index.docker.io/v1/access-token': {},
        'https://index.docker.io/v1/refresh-token': {},
        'docker.io': {},
      },
      credHelpers: { 'docker.io': 'desktop' },
    },
  },
  {
    rule: 'credential-helper-empty',
    bad: { credHelpers: { 'h:1': '' } },
    good: { credHelpers: { 'h:1': 'pass' } },
  },
  { rule: 'dockercfg-object', kind: 'dockercfg', bad: '[]', good: '{}' },
  { rule: 'dockercfg-name', bad: { 'h:1': right }, good: keys('h:1') },
  {
    rule: 'auth-creds-store',
    bad: entry({}, { credsStore: 'desktop' }),
    good: entry({}, { credHelpers: { 'h:1': 'desktop' } }),
  },
  {
    rule: 'credential-helper-name',
    bad: { credHelpers: { h: 'docker-credential-pass' } },
    good: { credHelpers: { h: 'ecr-login' } },
  },
  {
    rule: 'credential-helper-name',
    bad: { credHelpers: { h: '/usr/bin/pass' } },
    good: { credHelpers: { h: 'pass' } },
  },
];
