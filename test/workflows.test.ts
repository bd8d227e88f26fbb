// What our action, workflows, hooks and templates promise by their text alone: nothing of an expression reaches a
// script, others' actions are pinned, permissions are few, and names are those that pullproof has.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../src/run/package-root.ts';
import { version } from '../src/run/version.ts';
import { kindOfName } from '../src/validate/other-kinds.ts';
import { mayBeOurs } from '../src/validate/sift.ts';
import type { StepSource } from './lib/github-runner/runner.ts';

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly jobs?: Readonly<
    Record<string, { steps: StepSource[]; permissions?: unknown; 'timeout-minutes'?: number }>
  >;
  readonly runs?: { steps: StepSource[] };
}

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const workflows = ['.github/workflows/*.yml', 'examples/github/*.yml'].flatMap((pattern) =>
  globSync(pattern, { cwd: packageRoot }).sort(),
);
const all = ['action.yml', ...workflows];

function stepsOf({ jobs = {}, runs }: Workflow): StepSource[] {
  return [...Object.values(jobs).flatMap(({ steps }) => steps), ...(runs?.steps ?? [])];
}

/** Scripts in which GitHub would write text of an expression, before any shell reads it. */
function injections(text: string): string[] {
  return stepsOf(parse(text)).flatMap((step) =>
    [step.run, step.with?.script, step.shell].filter((script) => script?.includes('${{') === true),
  ) as string[];
}

test('there are workflows to look at', () => {
  expect(workflows.length).toBeGreaterThan(3);
});

describe.each(all)('%s', (path) => {
  const text = read(path);
  const steps = stepsOf(parse(text));

  test('no script has an expression in it', () => {
    expect(injections(text)).toEqual([]);
  });

  test("others' actions are pinned by commit, with the version beside it", () => {
    const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, used = '']) => used);
    expect(uses).toHaveLength(steps.filter((step) => step.uses !== undefined).length);
    const loose = uses.filter(
      (used) => !/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used),
    );
    // Ours is of the version that this is.
    expect(loose.filter((used) => used !== `pullproof/pullproof@v${version}`)).toEqual([]);
  });
});

test('an action has one commit in all files', () => {
  const pinned = all.flatMap((path) => [
    ...read(path).matchAll(/uses: ([\w-]+\/[\w-]+)\S*@(\S+)/g),
  ]);
  const commits = Map.groupBy(pinned, ([, name]) => name);
  for (const [name, some] of commits) {
    expect(new Set(some.map(([, , commit]) => commit)).size, name).toBe(1);
  }
});

test.each([
  ['jobs: {a: {steps: [{run: "echo @{{ github.head_ref }}"}]}}', 1],
  ['runs: {steps: [{run: "echo @{{ inputs.x }}"}]}', 1],
  ['jobs: {a: {steps: [{uses: x, with: {script: "f(`@{{ github.actor }}`)"}}]}}', 1],
  ['jobs: {a: {steps: [{run: "echo $X", env: {X: "@{{ inputs.x }}"}}]}}', 0],
])('%s: %i injections', (text, count) => {
  expect(injections(text.replaceAll('@', '$'))).toHaveLength(count);
});

test.each(workflows)('%s has few permissions, and an end', (path) => {
  const { permissions, jobs = {} } = parse(read(path)) as Workflow;
  expect(permissions, 'of the workflow').toBeTypeOf('object');
  for (const granted of Object.values(permissions as object)) expect(granted).toBe('read');
  for (const [name, job] of Object.entries(jobs)) {
    expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    const checkouts = job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const { with: given } of checkouts) expect(given?.['persist-credentials']).toBe(false);
  }
});

describe('.pre-commit-hooks.yaml', () => {
  interface Hook {
    readonly id: string;
    readonly entry: string;
    readonly language: string;
    readonly files: string;
    readonly pass_filenames?: boolean;
  }
  const hooks = parse(read('.pre-commit-hooks.yaml'), { merge: true }) as Hook[];
  const fits = (id: string, path: string) =>
    new RegExp(hooks.find((hook) => hook.id === id)?.files ?? '(?!)').test(path);
  const paths = [
    ...[
      'm.json',
      'a/index.json',
      'package.json',
      '.docker/config.json',
      'x.docker/config.json',
      'auth.json',
    ],
    ...[
      'registries.conf',
      'etc/registries.conf',
      'registries.conf.d/a.conf',
      'registries.conf.d/a/b.conf',
      'xregistries.conf',
    ],
    ...[
      'shortnames.conf',
      '000-shortnames.conf',
      'short-name-aliases.conf',
      'a/my-shortnames.conf',
      'a.conf',
    ],
    ...[
      '.pullproof.yaml',
      'a/.pullproof.yml',
      'pullproof.yaml',
      '.dockercfg',
      'b/my.dockercfg',
      '.dockerconfigjson',
    ],
    ...['oci-layout', 'a/oci-layout', 'oci-layout.txt', 'README.md', 'json', 'a.JSON5', 'a.yaml'],
  ];

  test('the first one takes the names that validate finds in a folder', () => {
    const wrong = paths.filter((path) => fits('pullproof', path) !== mayBeOurs(path));
    expect(wrong).toEqual([]);
  });

  test.each([
    ['pullproof-auth-files', ['auth-file', 'dockercfg']],
    ['pullproof-registries-conf', ['registries-conf']],
    ['pullproof-settings', ['pullproof-config']],
  ])('%s takes %j', (id, kinds) => {
    const wrong = paths.filter((path) => fits(id, path) !== kinds.includes(kindOfName(path) ?? ''));
    expect(wrong).toEqual([]);
  });

  test('layouts are judged where any of their files changed', () => {
    const blob = `images/app/blobs/sha256/${'a'.repeat(64)}`;
    for (const path of ['oci-layout', 'x/index.json', blob])
      expect(fits('pullproof-layouts', path), path).toBe(true);
    for (const path of ['x/indexes.json', 'blobs/a.json', 'README.md'])
      expect(fits('pullproof-layouts', path), path).toBe(false);
  });

  test('each is there twice, and docs/ci.md names all', () => {
    const page = read('docs/ci.md');
    const [own, system] = ['node', 'system'].map((language) =>
      hooks.filter((hook) => hook.language === language),
    );
    expect(system?.map(({ id }) => id)).toEqual(own?.map(({ id }) => `${id}-system`));
    for (const { id } of own ?? []) expect(page).toContain(`| \`${id}\` |`);
    for (const { entry } of hooks) expect(entry).toMatch(/^pullproof validate /);
  });
});

test('the version in templates and pages is the one that this is', () => {
  const texts = ['docs/ci.md', 'examples/gitlab/pullproof.gitlab-ci.yml', ...workflows]
    .map(read)
    .join('\n');
  const named = [
    ...texts.matchAll(/pullproof\/pullproof(?:@|\/)v(\d[\w.-]*)/g),
    ...texts.matchAll(/rev: v(\S+)/g),
    ...texts.matchAll(/PULLPROOF_VERSION: (\S+)/g),
  ].map(([, one]) => one);
  expect(named.length).toBeGreaterThan(5);
  expect(new Set(named)).toEqual(new Set([version]));
});
