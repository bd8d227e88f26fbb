// What a plan may say, held to its schema, and where complaints point.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { PlanFile } from './file.ts';

const plan = (text: string) => new PlanFile('p.yaml', text);

test('a plan is read as it is written', () => {
  const text =
    'images:\n  - h.example/a\n  - { image: h.example/b, weight: 2 }\nnodes: 3\nvus: 4\n';
  expect(plan(text).document).toEqual({
    images: ['h.example/a', { image: 'h.example/b', weight: 2 }],
    nodes: 3,
    vus: 4,
  });
});

test('durations and rates may be plain numbers, as in flags', () => {
  const text =
    'rate: 3\nduration: 1.5\nthinkTime: { min: 0, max: 2 }\nstages: [{ duration: 9, rate: 4 }]\npush: { repository: h/a, rate: 2 }\n';
  expect(plan(text).document).toEqual({
    ...{ rate: '3', duration: '1.5', thinkTime: { min: '0', max: '2' } },
    stages: [{ duration: '9', rate: '4' }],
    push: { repository: 'h/a', rate: '2' },
  });
  expect(plan('thinkTime: 2\n').document).toEqual({ thinkTime: '2' });
});

test.each([
  ['rate: 0\n', 'p.yaml:1:7', ''],
  ['duration: -1\n', 'p.yaml:1:11', ''],
  ['vus: 1\nimagess: [h/a]\n', 'p.yaml:2:1', 'images'],
  ['images:\n  - h/a\nshape: herdd\n', 'p.yaml:3:8', 'herd'],
  ['stages:\n  - { duration: 3s, vuss: 2 }\n', 'p.yaml:2:21', 'vus'],
  ['images:\n  - imag: h/a\n', 'p.yaml:2:5', 'image'],
  ['vus: 0\n', 'p.yaml:1:6', ''],
  ['push: { vus: 1 }\n', 'p.yaml:1:7', ''],
  ['push:\n  repository: h/a\n  layer: 3\n', 'p.yaml:3:3', 'layers'],
  ['push:\n  repository: h/a\n  upload: chunky\n', 'p.yaml:3:11', 'chunked'],
  ['push:\n  repository: h/a\n  upload: { chunked: 0 }\n', 'p.yaml:3:22', ''],
  ['push:\n  repository: h/a\n  bytes: {}\n', 'p.yaml:3:10', ''],
  ['vus: 1\nvus: 2\n', 'p.yaml:2:1', ''],
  ['vus: [\n', 'p.yaml:2:1', ''],
  ['- 1\n', 'p.yaml:1:1', ''],
])('%j is refused at %s', (text, place, suggestion) => {
  let caught: { message?: string; hint?: string; code?: string; exitCode?: number } = {};
  try {
    plan(text);
  } catch (error) {
    caught = error as typeof caught;
  }
  expect(caught.code).toBe('plan-invalid');
  expect(caught.exitCode).toBe(2);
  expect(caught.message?.startsWith(`${place}: `), caught.message).toBe(true);
  expect(caught.hint).toContain(suggestion);
});

test('whatever is written is a plan or a complaint with a place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `images: ${json}`),
      ),
      (text) => {
        try {
          plan(text);
        } catch (error) {
          expect((error as Error).message).toMatch(/^p\.yaml:\d+:\d+: /);
        }
      },
    ),
  );
});

test('every property of the schema is described', () => {
  const schema = JSON.parse(readFileSync(join(packageRoot, 'schemas', 'plan.schema.json'), 'utf8'));
  const visit = (node: Record<string, unknown>, path: string): void => {
    expect(typeof node.description, path).toBe('string');
    const {
      properties = {},
      items,
      additionalProperties,
    } = node as {
      properties?: Record<string, Record<string, unknown>>;
      items?: Record<string, unknown>;
      additionalProperties?: Record<string, unknown> | false;
    };
    for (const [name, child] of Object.entries(properties)) visit(child, `${path}.${name}`);
    if (items !== undefined) visit(items, `${path}[]`);
    if (typeof additionalProperties === 'object') visit(additionalProperties, `${path}.*`);
  };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  visit(schema, 'plan');
});

test('what is shown of a plan holds no credentials, whatever stands in its comments', () => {
  const text = [
    '# https://ann:never-1@registry.example, password: never-2',
    '# TOKEN=never-3',
    'images:',
    `  - registry.example/app@sha256:${'a'.repeat(64)}`,
    "slo: ['token.p95<2s']",
    `# ${'x'.repeat(70_000)}`,
  ].join('\n');
  const shown = new PlanFile('bob:never-4@fleet.yaml', text).shown();
  expect(JSON.stringify(shown)).not.toContain('never-');
  expect(shown.text).toContain(`app@sha256:${'a'.repeat(64)}`);
  expect(shown.text).toContain("slo: ['token.p95<2s']");
  expect(shown.text.length).toBeLessThanOrEqual(65_536);
});
