// Holds the results type, its JSON Schema and the samples together.

import { describe, expect, test } from 'vitest';
import { ourSchema, type SchemaNode } from '../test/lib/our-schema.ts';
import {
  conformPassSample,
  conformSample,
  doctorSample,
  hostileSample,
  loadSample,
  samples,
  validateSample,
} from '../test/lib/sample-results.ts';
import type {
  CheckLevel,
  DoctorHost,
  Finding,
  HostRow,
  LoadResult,
  Results,
  Verb,
  Verdict,
} from './results.ts';

const { schema, errorsOf } = ourSchema('results.schema.json');

/** A copy with the value at `path` replaced, or removed when `value` is undefined. */
function changed(document: Results, path: string, value: unknown): unknown {
  const copy = structuredClone(document) as unknown as SchemaNode;
  const steps = path.split('/');
  const last = steps.pop()!;
  let at = copy;
  for (const step of steps) at = at[step] as SchemaNode;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe('a document that a run writes', () => {
  test.each(samples.map((sample) => [sample.verb, sample.verdict, sample] as const))(
    'of %s that ends in %s is valid',
    (_verb, _verdict, sample) => {
      expect(errorsOf(sample)).toEqual([]);
    },
  );

  test('may hold any text that a registry sends', () => {
    const tool = { name: 'pullproof', version: '0.1.0' } as const;
    const numbered = { ...hostileSample, tool, verdict: 'error', exitCode: 4 };
    expect(errorsOf(numbered)).toEqual([]);
  });
});

describe('a wrong document is refused', () => {
  const wrong: readonly [why: string, sample: Results, path: string, value: unknown][] = [
    ['another format', conformSample, 'schema', 'pullproof/results/v2'],
    ['an unknown verb', conformSample, 'verb', 'push'],
    ['no target', conformSample, 'target', undefined],
    ['a key that nobody knows', conformSample, 'colour', 'red'],
    ['local time', conformSample, 'startedAt', '2026-03-01T09:30:00+01:00'],
    ['no time at all', conformSample, 'startedAt', 'yesterday'],
    ['a negative duration', conformSample, 'durationMs', -1],
    ['a pass that exits with 1', conformSample, 'verdict', 'pass'],
    ['a failure that exits with 0', conformSample, 'exitCode', 0],
    ['an interrupted run that passes', conformPassSample, 'interrupted', 'Ctrl-C'],
    ['conform without checks', conformSample, 'checks', undefined],
    ['validate without documents', validateSample, 'documents', undefined],
    ['load without its figures', loadSample, 'load', undefined],
    ['doctor without its diagnosis', doctorSample, 'doctor', undefined],
    ['a cause that is half sure', doctorSample, 'doctor/causes/0/certainty', 'likely'],
    ['a hop that ended before it began', doctorSample, 'doctor/hops/0/startMs', -1],
    ['a host of no role', doctorSample, 'doctor/hosts/0/role', 'cdn'],
    ['a host by a third family', doctorSample, 'doctor/hosts/0/dns/0/family', 5],
    ['a port of nobody', doctorSample, 'doctor/hostList/0/port', 0],
    ['trouble of another kind', doctorSample, 'doctor/hostList/0/trouble', 'slow'],
    ['an unknown verdict', conformSample, 'checks/0/verdict', 'skipped'],
    ['an unknown level', conformSample, 'checks/0/level', 'must'],
    ['a header that is no pair', conformSample, 'checks/0/evidence/0/reply/headers/0', ['a']],
    ['a header of three', conformSample, 'checks/0/evidence/0/reply/headers/0', ['a', 'b', 'c']],
    ['an exchange without a curl line', conformSample, 'checks/0/evidence/0/curl', undefined],
    ['line 0', validateSample, 'documents/0/findings/0/line', 0],
    ['a finding without its section', validateSample, 'documents/0/findings/0/spec', undefined],
    ['half a pull', loadSample, 'load/pulls/ok', 0.5],
    ['no percentile', loadSample, 'load/pullMs/p95', undefined],
    ['a percentile that is no number', loadSample, 'load/phases/layer/p99', null],
    ['an extra percentile', loadSample, 'load/phases/layer/p999', 1],
    ['a host without a role', loadSample, 'load/hosts/auth.example.com/role', undefined],
    ['a hop with a role', loadSample, 'load/hops/edge/role', 'edge'],
    ['a hop without first bytes', loadSample, 'load/hops/edge/ttfb', undefined],
    ['an error that never happened', loadSample, 'load/errors/0/count', 0],
    ['a second without bytes', loadSample, 'load/timeline/0/bytes', undefined],
  ];
  test.each(wrong)('%s', (_why, sample, path, value) => {
    expect(errorsOf(changed(sample, path, value))).not.toEqual([]);
  });
});

describe('type and schema agree', () => {
  const { $defs } = schema;
  const property = (definition: string, name: string) =>
    (($defs[definition] as SchemaNode).properties as Record<string, SchemaNode>)[name];
  const top = schema.properties as Record<string, SchemaNode>;

  // Record<Union, true> must name each member: neither side can gain or lose one alone.
  const unions: readonly [name: string, node: SchemaNode | undefined, members: object][] = [
    [
      'verb',
      top.verb,
      { validate: true, conform: true, load: true, doctor: true, demo: true } satisfies Record<
        Verb,
        true
      >,
    ],
    [
      'run verdict',
      top.verdict,
      { pass: true, fail: true, error: true } satisfies Record<Results['verdict'], true>,
    ],
    [
      'check level',
      property('check', 'level'),
      { MUST: true, SHOULD: true, MAY: true, COMPAT: true } satisfies Record<CheckLevel, true>,
    ],
    [
      'check verdict',
      property('check', 'verdict'),
      {
        pass: true,
        fail: true,
        warn: true,
        unsupported: true,
        void: true,
        'harness-error': true,
      } satisfies Record<Verdict, true>,
    ],
    [
      'finding level',
      property('finding', 'level'),
      { error: true, warning: true, note: true } satisfies Record<Finding['level'], true>,
    ],
    [
      'shape',
      property('load', 'shape'),
      {
        smoke: true,
        herd: true,
        ramp: true,
        rate: true,
        vus: true,
        iterations: true,
        spike: true,
        soak: true,
        breakpoint: true,
        replay: true,
      } satisfies Record<LoadResult['shape'], true>,
    ],
    [
      'engine',
      property('load', 'engine'),
      { built: true, stock: true } satisfies Record<LoadResult['engine'], true>,
    ],
    [
      'verify',
      property('load', 'verify'),
      { all: true, sample: true, size: true, none: true } satisfies Record<
        LoadResult['verify'],
        true
      >,
    ],
    [
      'trouble of a host',
      property('hostRow', 'trouble'),
      { '': true, unexpected: true, unreachable: true } satisfies Record<HostRow['trouble'], true>,
    ],
    [
      'role of a host',
      property('doctorHost', 'role'),
      { registry: true, mirror: true, token: true, edge: true, proxy: true } satisfies Record<
        DoctorHost['role'],
        true
      >,
    ],
    [
      'bottleneck',
      property('load', 'bottleneck'),
      {
        registry: true,
        edge: true,
        token: true,
        client: true,
        'client-waits': true,
        mock: true,
        'pulls-fail': true,
        unknown: true,
        none: true,
      } satisfies Record<LoadResult['bottleneck'], true>,
    ],
  ];
  test.each(unions)('on every member of %s', (_name, node, members) => {
    expect([...(node as { enum: string[] }).enum].sort()).toEqual(Object.keys(members).sort());
  });

  test('every property is described', () => {
    const bare: string[] = [];
    walkProperties(schema, '', (path, node) => {
      const target = String(node.$ref ?? '').replace('#/$defs/', '');
      if (!node.description && !$defs[target]?.description) bare.push(path);
    });
    expect(bare).toEqual([]);
  });

  test('every property of the schema is written by a sample', () => {
    // The samples are typed, and unknown keys are refused: together neither side can run ahead.
    const written = new Set<string>();
    collectKeys(samples, written);
    const unused: string[] = [];
    walkProperties(schema, '', (path) => {
      if (!written.has(path.slice(path.lastIndexOf('/') + 1))) unused.push(path);
    });
    expect(unused).toEqual([]);
  });
});

function walkProperties(
  node: unknown,
  path: string,
  visit: (path: string, node: SchemaNode) => void,
) {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    // Conditions repeat properties to narrow them; they describe nothing new.
    if (key === 'allOf') continue;
    if (key === 'properties') {
      for (const [name, child] of Object.entries(value as Record<string, SchemaNode>)) {
        visit(`${path}/${name}`, child);
      }
    }
    walkProperties(value, `${path}/${key}`, visit);
  }
}

function collectKeys(value: unknown, keys: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectKeys(item, keys);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      keys.add(key);
      collectKeys(item, keys);
    }
  }
}
