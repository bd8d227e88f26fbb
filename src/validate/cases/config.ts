// Cases for the rules about image configurations.

import { config, hex, type Members } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

const digest = `sha256:${hex(1)}`;

/** A configuration with these execution parameters. */
const execution = (value: unknown) => config({ config: value });

const rootfs = (changes: Members) =>
  config({ rootfs: { type: 'layers', diff_ids: [`sha256:${hex(1)}`], ...changes } });

export const configCases: readonly RuleCase[] = [
  { rule: 'config-object', kind: 'config', bad: '"x"', good: config({ unknown: 1 }) },
  {
    rule: 'config-architecture',
    bad: config({ architecture: undefined }),
    good: config({ architecture: 'wasm', os: 'js' }),
  },
  { rule: 'config-os', bad: config({ os: null }), good: config({ os: 'freebsd' }) },
  {
    rule: 'config-text',
    bad: config({ author: 1 }),
    good: config({ author: null, variant: 'v8' }),
  },
  {
    rule: 'config-date',
    bad: config({ created: '2023-02-30T00:00:00Z' }),
    good: config({ created: '0001-01-01T00:00:00Z' }),
  },
  {
    rule: 'config-date',
    bad: config({ created: '1900-02-29T00:00:00Z' }),
    good: config({ created: '2000-02-29T00:00:00Z' }),
  },
  {
    rule: 'config-date',
    bad: config({ history: [{ created: 'today' }] }),
    good: config({ created: '2023-12-31T23:59:60.1+14:00' }),
  },
  { rule: 'config-execution', bad: execution([]), good: execution(null) },
  {
    rule: 'config-list',
    bad: execution({ Cmd: 'sh' }),
    good: execution({ Cmd: null, Entrypoint: [] }),
  },
  {
    rule: 'config-list-text',
    bad: execution({ Entrypoint: ['a', 1] }),
    good: execution({ Entrypoint: ['a', '1'] }),
  },
  { rule: 'config-env', bad: execution({ Env: { A: 'b' } }), good: execution({ Env: null }) },
  {
    rule: 'config-env-format',
    bad: execution({ Env: ['A'] }),
    good: execution({ Env: ['A=', '=C:=C:\\', 'B=x=\ny'] }),
  },
  {
    rule: 'config-ports',
    bad: execution({ ExposedPorts: ['80'] }),
    good: execution({ ExposedPorts: null }),
  },
  {
    rule: 'config-port-format',
    bad: execution({ ExposedPorts: { http: {} } }),
    good: execution({ ExposedPorts: { 53: {}, '53/udp': {} } }),
  },
  {
    rule: 'config-port-format',
    bad: execution({ ExposedPorts: { '65536/tcp': {} } }),
    good: execution({ ExposedPorts: { '65535/tcp': {} } }),
  },
  {
    rule: 'config-set-value',
    bad: execution({ Volumes: { '/a': null } }),
    good: execution({ Volumes: { '/a': {} } }),
  },
  { rule: 'config-volumes', bad: execution({ Volumes: '/a' }), good: execution({ Volumes: {} }) },
  { rule: 'config-labels', bad: execution({ Labels: [] }), good: execution({ Labels: null }) },
  {
    rule: 'config-label-value',
    bad: execution({ Labels: { 'a.b': true } }),
    good: execution({ Labels: { 'a.b': '' } }),
  },
  {
    rule: 'config-flag',
    bad: execution({ ArgsEscaped: 'yes' }),
    good: execution({ ArgsEscaped: null }),
  },
  {
    rule: 'config-reserved-number',
    bad: execution({ Memory: '1g' }),
    good: execution({ Memory: 1 }),
  },
  {
    rule: 'config-healthcheck',
    bad: execution({ Healthcheck: 'curl' }),
    good: execution({ Healthcheck: { Test: ['NONE'] } }),
  },
  {
    rule: 'config-healthcheck-test',
    bad: execution({ Healthcheck: { Test: 'curl -f http://localhost/' } }),
    good: execution({ Healthcheck: { Test: ['CMD-SHELL', 'curl -f http://localhost/'] } }),
  },
  {
    rule: 'config-healthcheck-number',
    bad: execution({ Healthcheck: { Test: ['NONE'], Interval: '30s' } }),
    good: execution({ Healthcheck: { Test: null, Interval: 30_000_000_000, Retries: 3 } }),
  },
  { rule: 'config-rootfs', bad: config({ rootfs: undefined }), good: rootfs({}) },
  { rule: 'config-rootfs-type', bad: rootfs({ type: 'layer' }), good: rootfs({ base: 1 }) },
  {
    rule: 'config-diff-ids',
    bad: rootfs({ diff_ids: null }),
    good: config({ rootfs: { type: 'layers', diff_ids: [] }, history: [] }),
  },
  {
    // The same empty layer may well be there twice.
    rule: 'config-diff-ids',
    bad: rootfs({ diff_ids: 'sha256:1' }),
    good: config({ rootfs: { type: 'layers', diff_ids: [digest, digest] }, history: null }),
  },
  {
    rule: 'config-diff-ids-missing',
    bad: rootfs({ diff_ids: undefined }),
    good: config({ docker_version: '1', history: null, rootfs: { type: 'layers' } }),
  },
  { rule: 'config-history', bad: config({ history: {} }), good: config({ history: null }) },
  {
    rule: 'config-history-entry',
    bad: config({ history: ['x'] }),
    good: config({ history: [{}] }),
  },
  {
    rule: 'config-history-mismatch',
    bad: config({ history: [{}, {}] }),
    good: config({ history: [{ empty_layer: null }, { empty_layer: true }] }),
  },
  { rule: 'member-case', bad: config({ Variant: 'v8' }), good: config({ Vendor: 'v8' }) },
  { rule: 'member-place', bad: config({ Env: ['A=b'] }), good: config({ comment: 'A=b' }) },
  { rule: 'member-place', bad: execution({ rootfs: {} }), good: execution({ Image: '' }) },
  {
    rule: 'member-spelling',
    bad: execution({ EntryPoints: ['x'] }),
    good: execution({ Shell: ['x'], OnBuild: null, StdinOnce: false }),
  },
  { rule: 'config-user', bad: execution({ User: 'a:b:c' }), good: execution({ User: '1000:b' }) },
  {
    rule: 'config-user',
    bad: execution({ User: ':0' }),
    good: config({ os: 'windows', config: { User: 'NT AUTHORITY\\SYSTEM' } }),
  },
  { rule: 'config-user', bad: execution({ User: 'a b' }), good: execution({ User: '' }) },
  {
    rule: 'config-path',
    bad: execution({ WorkingDir: 'srv' }),
    good: config({ os: 'windows', config: { WorkingDir: 'C:\\srv', Volumes: { 'C:\\x': {} } } }),
  },
  {
    rule: 'config-path',
    bad: execution({ Volumes: { './a': {} } }),
    good: execution({ Volumes: { '/a': {} }, WorkingDir: '' }),
  },
  {
    rule: 'config-stop-signal',
    bad: execution({ StopSignal: 'SIGSTOPPED' }),
    good: execution({ StopSignal: 'SIGRTMIN+3' }),
  },
  {
    rule: 'config-stop-signal',
    bad: execution({ StopSignal: '65' }),
    good: execution({ StopSignal: '15' }),
  },
  {
    rule: 'config-stop-signal',
    bad: execution({ StopSignal: 'SIGTERM+1' }),
    good: execution({ StopSignal: 'quit' }),
  },
];
