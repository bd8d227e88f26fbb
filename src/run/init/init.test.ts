// What `init` writes: every key of the schemas, valid as it stands and with each key switched on; workflows in step
// with what people copy from examples/.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateDocument } from '../../validate/index.ts';
import { PlanFile } from '../load/plan/file.ts';
import { packageRoot } from '../package-root.ts';
import { type CommentedKey, commentedFile } from './commented.ts';
import { planKeys, settingsFile, settingsKeys } from './files.ts';
import { findIn } from './found.ts';
import { initialise } from './init.ts';
import { githubWorkflow, gitlabTemplate, gitlabWorkflow } from './workflows.ts';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const scratch = () => mkdtempSync(join(tmpdir(), 'pullproof-test-'));
const never = new AbortController().signal;
const nothing = { images: [], documents: [], 'auth files': [], 'registries.conf': [] };
const image = 'registry.example:5000/team/app:1.2';
const all = { validate: true, plan: 'p.yaml', conform: 'r.example/ci', doctor: image, image };

function keysOfSchema(name: string): string[] {
  const { properties } = JSON.parse(read(`schemas/${name}.schema.json`));
  return Object.keys(properties).filter((key) => !key.startsWith('$'));
}

/** The file with the key on, and none that goes for the same. */
function switchedOn(keys: readonly CommentedKey[], key: string): readonly CommentedKey[] {
  const lasting = ['vus', 'duration'];
  const without: Readonly<Record<string, readonly string[]>> = {
    iterations: ['duration'],
    stages: lasting,
  };
  return keys.map((one) => ({
    ...one,
    isOn: (one.isOn && !without[key]?.includes(one.key)) || one.key === key,
  }));
}

async function settingsFindings(text: string) {
  const { findings } = await validateDocument(new TextEncoder().encode(text), {
    path: '.pullproof.yaml',
    kind: 'pullproof-config',
  });
  return findings;
}

describe('the plan', () => {
  const keys = planKeys(image);

  test('has every key of the schema', () => {
    expect(keys.map(({ key }) => key).sort()).toEqual(keysOfSchema('plan').sort());
  });

  test.each(keys.map(({ key }) => key))('is valid with %s', (key) => {
    const text = commentedFile('plan', ['A plan.'], switchedOn(keys, key));
    expect(new PlanFile('plan.yaml', text).document).toHaveProperty(key);
    expect(new PlanFile('plan.yaml', text).document.images).toEqual([image]);
  });
});

describe('the settings', () => {
  const keys = settingsKeys(nothing);

  test('have every key of the schema', () => {
    expect(keys.map(({ key }) => key).sort()).toEqual(keysOfSchema('config').sort());
  });

  test.each(keys.map(({ key }) => key))('are valid with %s', async (key) => {
    const text = commentedFile('config', [], switchedOn(keys, key));
    expect(parse(text)).toHaveProperty(key);
    expect(await settingsFindings(text)).toEqual([]);
  });

  test('name what was found, whatever it is called', async () => {
    const hostile = "x'\nvalidate: 7\u2028rules: 8/a.json";
    const found = { ...nothing, documents: [hostile, 'test/fixtures/b.json'] };
    const text = settingsFile(found);
    expect(text).toContain("# exclude:\n#   - 'test/**'");
    expect(text).toContain('test/fixtures/b.json');
    expect(parse(text)).toEqual({ validate: { strict: false } });
    expect(await settingsFindings(text)).toEqual([]);
  });
});

test('documents, layouts and configuration are found; other JSON is not', async () => {
  const folder = scratch();
  const layout = join(folder, 'layout');
  mkdirSync(layout);
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  writeFileSync(join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  writeFileSync(join(folder, 'package.json'), '{"name":"x"}');
  writeFileSync(join(folder, 'auth.json'), '{"auths":{"r.example":{"auth":"dTpw"}}}');
  writeFileSync(join(folder, 'registries.conf'), '');
  expect(await findIn(folder, never)).toEqual({
    images: ['layout'],
    documents: ['index.json'],
    'auth files': ['auth.json'],
    'registries.conf': ['registries.conf'],
  });
});

describe('the workflow for GitHub', () => {
  interface Workflow {
    readonly on: Readonly<Record<string, unknown>>;
    readonly jobs: Readonly<
      Record<string, { steps: { uses?: string; with: Record<string, string> }[] }>
    >;
  }
  const { inputs } = parse(read('action.yml')) as { inputs: Record<string, unknown> };
  const example = parse(read('examples/github/manifests.yml')) as Workflow;
  const written = parse(githubWorkflow(all) ?? '') as Workflow;

  test('takes the steps of the examples, and inputs that the action has', () => {
    expect(Object.keys(written.jobs)).toEqual(['validate', 'conform', 'load', 'doctor']);
    const [checkout, ours] = example.jobs.validate?.steps ?? [];
    for (const [verb, { steps }] of Object.entries(written.jobs)) {
      expect(steps[0]).toEqual(checkout);
      expect(steps[1]?.uses).toBe(ours?.uses);
      expect(steps[1]?.with.verb).toBe(verb);
      expect(Object.keys(inputs)).toEqual(
        expect.arrayContaining(Object.keys(steps[1]?.with ?? {})),
      );
    }
    const { permissions } = example.jobs.validate as { permissions?: unknown };
    expect(written.jobs.validate).toMatchObject({ permissions });
  });

  test('has known failures of conform where there is a file of them, as the example has', () => {
    const { jobs } = parse(read('examples/github/registry.yml')) as Workflow;
    const { baseline } = jobs.conform?.steps.at(-2)?.with ?? {};
    expect(baseline).toContain('hashFiles');
    expect(written.jobs.conform?.steps[1]?.with.baseline).toBe(baseline);
    expect(written.jobs.load?.steps[1]?.with).not.toHaveProperty('baseline');
  });

  test('makes no load for pull requests alone, and runs by night what needs a registry', () => {
    expect(Object.keys(written.on)).toEqual(['pull_request', 'schedule', 'workflow_dispatch']);
    const gate = parse(githubWorkflow({ validate: true, image }) ?? '') as Workflow;
    expect(Object.keys(gate.on)).toEqual(['pull_request', 'workflow_dispatch']);
    expect(githubWorkflow({ validate: false, image })).toBeUndefined();
  });
});

describe('the file for GitLab', () => {
  const template = read(gitlabTemplate);

  test('sets variables that the template reads', () => {
    const { variables, ...jobs } = parse(gitlabWorkflow(all) ?? '');
    const { script } = jobs['pullproof-doctor'];
    for (const name of Object.keys(variables)) {
      expect(`${template}${script}`, name).toContain(`$${name}`);
    }
    expect(template).toContain('.pullproof:');
    expect(gitlabWorkflow({ validate: false, image })).toBeUndefined();
  });

  test('takes out the job of the template that is not wanted', () => {
    const { 'pullproof-validate': job } = parse(
      gitlabWorkflow({ validate: false, conform: 'r.example/ci', image }) ?? '',
    );
    expect(template).toContain('\npullproof-validate:');
    expect(job).toEqual({ rules: [{ when: 'never' }] });
  });
});

describe('writing', () => {
  const options = { purposes: ['validate'], ci: 'github', force: false, signal: never } as const;

  test('keeps what is there under any of its names, and writes the rest', async () => {
    const folder = scratch();
    writeFileSync(join(folder, '.pullproof.yml'), 'rules: {}\n');
    symlinkSync('nowhere', join(folder, 'pullproof.plan.yaml'));
    const { files } = await initialise({ ...options, folder });
    expect(files).toEqual([
      { path: '.pullproof.yml', outcome: 'kept' },
      { path: 'pullproof.plan.yaml', outcome: 'kept' },
      { path: '.github/workflows/pullproof.yml', outcome: 'written' },
    ]);
    expect(readFileSync(join(folder, '.pullproof.yml'), 'utf8')).toBe('rules: {}\n');
  });

  test.each([
    ['http://127.0.0.1:5000/ci', '127.0.0.1:5000'],
    ['localhost/ci', 'localhost'],
    ['[::1]:5000/ci', '[::1]:5000'],
    ['registry.example/ci', undefined],
  ])('what a runner cannot reach is told: %s', async (registry, host) => {
    const wanted = { ...options, purposes: ['conform'] as const, registry };
    const { notes, next } = await initialise({ ...wanted, folder: scratch() });
    expect(notes).toEqual(host === undefined ? [] : [expect.stringContaining(`${host} is the`)]);
    expect(next[0]).toMatch(/^pullproof conform .* --write-baseline conformance-baseline.yaml$/);
    const { notes: none } = await initialise({ ...wanted, ci: 'none', folder: scratch() });
    expect(none).toEqual([]);
  });

  test('with force writes anew', async () => {
    const folder = scratch();
    writeFileSync(join(folder, '.pullproof.yaml'), 'rules: {}\n');
    await initialise({ ...options, folder, force: true });
    expect(readFileSync(join(folder, '.pullproof.yaml'), 'utf8')).toContain('strict: false');
  });

  test('leaves a pipeline of GitLab alone, and its own in place', async () => {
    const folder = scratch();
    const places = async () => (await initialise({ ...options, folder, ci: 'gitlab' })).files[2];
    expect(await places()).toEqual({ path: '.gitlab-ci.yml', outcome: 'written' });
    expect(await places()).toEqual({ path: '.gitlab-ci.yml', outcome: 'kept' });
    writeFileSync(join(folder, '.gitlab-ci.yml'), 'stages: [build]\n');
    expect(await places()).toEqual({ path: '.gitlab/pullproof.yml', outcome: 'written' });
  });

  test.each([
    ['a file in place of the folder', '', 'init-folder'],
    ['a file in place of a folder in it', '.github', 'init-unwritable'],
    ['a folder in place of a file', '.pullproof.yaml/x', 'init-unwritable'],
  ])('%s is told', async (_, path, code) => {
    const top = scratch();
    const folder = path === '' ? join(top, 'file') : top;
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    const before = readdirSync(top, { recursive: true });
    await expect(initialise({ ...options, folder })).rejects.toMatchObject({ code, exitCode: 2 });
    expect(readdirSync(top, { recursive: true })).toEqual(before);
  });
});
