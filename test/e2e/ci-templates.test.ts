// What people copy into their CI, run: the three workflows of examples/github by the played runner, the scripts of
// the GitLab template by bash. Programs that the reader has to have (the registry under test) are our mock.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { playedActions, type Shelves, shelves } from '../lib/github-runner/played.ts';
import { Job, type JobOptions, type StepSource } from '../lib/github-runner/runner.ts';
import { testWith } from '../lib/tools.ts';

const launcher = join(packageRoot, 'dist/src/cli/launcher.js');
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

/** A folder for the PATH with `pullproof` in it, and an `npm` that installs nothing: it is there already. */
let bin = '';
let mock: RunningMock;
beforeAll(async () => {
  bin = scratch();
  writeFileSync(
    join(bin, 'pullproof'),
    `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`,
  );
  chmodSync(join(bin, 'pullproof'), 0o755);
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\n[ "$1" = install ]\n');
  chmodSync(join(bin, 'npm'), 0o755);
  mock = await startMock();
});
afterAll(async () => await mock.close());

interface Example {
  readonly jobs: Readonly<Record<string, { env?: Record<string, string>; steps: StepSource[] }>>;
}

/** The only job of an example; our action is that of this checkout, with the pullproof that was built. */
async function runExample(
  name: string,
  options: Partial<JobOptions> & {
    workspace: string;
    shelf: Shelves;
    env?: Record<string, string>;
    /** Further words for the verb. */
    more?: string;
  },
) {
  const text = readFileSync(join(packageRoot, 'examples/github', name), 'utf8');
  const [{ env, steps }] = Object.values((parse(text) as Example).jobs) as [
    Example['jobs'][string],
  ];
  const played = {
    ...playedActions(options.shelf),
    'pullproof/pullproof': async (inputs: Readonly<Record<string, string>>, job: Job) => {
      const { outcome, outputs } = await job.action(packageRoot, {
        ...inputs,
        args: `${inputs.args ?? ''} ${options.more ?? ''}`,
        version: 'installed',
      });
      return { ...outputs, outcome };
    },
  };
  const variables = { XDG_CACHE_HOME: cache, ...options.variables };
  const job = new Job({ ...options, played, variables });
  job.addPath(bin);
  try {
    const outcome = await job.steps(steps, { ...env, ...options.env });
    return { outcome, job };
  } finally {
    job.end();
  }
}

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

describe('examples/github', () => {
  test('registry.yml starts a registry and holds it to the specs', async () => {
    const workspace = scratch();
    const script = `exec pullproof mock --auth none --port "\${1##*:}" --cdn-port 0\n`;
    writeFileSync(join(workspace, 'registry'), `#!/bin/sh\n${script}`);
    chmodSync(join(workspace, 'registry'), 0o755);
    const shelf = shelves();
    const env = { REGISTRY: `127.0.0.1:${await freePort()}` };
    // All checks are run on this mock elsewhere.
    const more = '--room tags';
    const well = await runExample('registry.yml', { workspace, shelf, env, more });
    expect(well.outcome, well.job.log.text).toBe('success');
    expect(existsSync(join(shelf.artifacts, 'conformance', 'report.html'))).toBe(true);
    expect(well.job.summary).toContain('Pass');
    // One that does not start fails the step that starts it.
    writeFileSync(join(workspace, 'registry'), '#!/bin/sh\necho no such luck\nexit 1\n');
    const dead = { REGISTRY: `127.0.0.1:${await freePort()}` };
    const failed = await runExample('registry.yml', { workspace, shelf: shelves(), env: dead });
    expect(failed.outcome).toBe('failure');
    expect(failed.job.log.text).toContain('no such luck');
  });

  testWith('k6')(
    'nightly-cdn.yml compares with the last good night, and keeps this one',
    async () => {
      const shelf = shelves();
      const secrets = { REGISTRY_USERNAME: mock.username, REGISTRY_PASSWORD: mock.password };
      const plan = `images: ['http://${mock.images[0]}']\niterations: 30\nvus: 2\n`;
      const night = async (objective: string) => {
        const workspace = scratch();
        writeFileSync(join(workspace, 'nightly.yaml'), `${plan}slo: ['${objective}']\n`);
        return await runExample('nightly-cdn.yml', { workspace, shelf, secrets });
      };
      const first = await night('errors<1%');
      expect(first.outcome, first.job.log.text).toBe('success');
      const kept = join(shelf.caches, 'last-night', 'results.json');
      const { startedAt } = JSON.parse(readFileSync(kept, 'utf8'));
      const bad = await night('pull.p95<1ms');
      expect(bad.outcome).toBe('failure');
      // Compared all the same, and not kept.
      expect(bad.job.summary).toContain('last-night');
      expect(JSON.parse(readFileSync(kept, 'utf8')).startedAt).toBe(startedAt);
      expect(existsSync(join(shelf.artifacts, 'nightly-pulls', 'timeline.ndjson'))).toBe(true);
    },
  );

  test('manifests.yml is a gate', async () => {
    const workspace = scratch();
    const wrong = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' };
    writeFileSync(join(workspace, 'index.json'), JSON.stringify(wrong));
    const { outcome, job } = await runExample('manifests.yml', { workspace, shelf: shelves() });
    expect(outcome, job.log.text).toBe('failure');
    expect(existsSync(join(workspace, 'pullproof.sarif'))).toBe(true);
    expect(job.log.annotations.map(({ properties }) => properties.file)).toContain('index.json');
  });
});

describe('the GitLab template', () => {
  interface GitlabJob {
    readonly script: string[];
    readonly artifacts: { paths: string[]; reports: Record<string, string> };
  }
  const template = parse(
    readFileSync(join(packageRoot, 'examples/gitlab/pullproof.gitlab-ci.yml'), 'utf8'),
  );
  const base = template['.pullproof'];

  /** As GitLab does it: one script, ended by the first line that fails, with the job's variables. */
  async function run(
    name: string,
    variables: Record<string, string>,
    files: Record<string, string> = {},
  ) {
    const folder = scratch();
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    const job = template[name] as GitlabJob;
    const script = ['set -eo pipefail', ...base.before_script, ...job.script].join('\n');
    const env = {
      ...{ PATH: `${bin}:${process.env.PATH}`, HOME: scratch(), XDG_RUNTIME_DIR: scratch() },
      XDG_CACHE_HOME: cache,
      ...{ CI: 'true', CI_PROJECT_DIR: folder, PULLPROOF_PASSWORD: '' },
      ...template.variables,
      ...variables,
    };
    let log = '';
    const child = spawn('bash', ['-c', script], { cwd: folder, env });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString();
      });
    }
    const code = await new Promise((resolve) => child.once('close', resolve));
    const { paths, reports } = job.artifacts;
    const artifacts = [...paths, ...Object.values(reports)].filter((one) =>
      existsSync(join(folder, one)),
    );
    return { code, log, folder, artifacts };
  }

  test('has jobs of the shape that GitLab wants', () => {
    expect(base.artifacts.when).toBe('always');
    const names = Object.keys(template).filter((name) => name.startsWith('pullproof-'));
    expect(names).toEqual(['pullproof-validate', 'pullproof-conform', 'pullproof-load']);
    for (const name of names) {
      const { extends: parent, script, artifacts, rules = [] } = template[name];
      expect(parent).toBe('.pullproof');
      for (const line of script) expect(line).toBeTypeOf('string');
      for (const report of Object.keys(artifacts.reports))
        expect(['codequality', 'junit', 'metrics']).toContain(report);
      for (const rule of rules) expect(Object.keys(template.variables)).toContain(rule.if.slice(1));
    }
    for (const value of Object.values(template.variables)) expect(value).toBeTypeOf('string');
  });

  test('validate: code quality, and the exit code of pullproof', async () => {
    const wrong =
      '{\n"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}';
    const variables = {
      PULLPROOF_PATHS: '*.json',
      PULLPROOF_VALIDATE_ARGS: '--strict $(touch pwned)',
    };
    const failed = await run(
      'pullproof-validate',
      { PULLPROOF_PATHS: '*.json' },
      { 'm.json': wrong },
    );
    expect(failed.code, failed.log).toBe(1);
    expect(failed.artifacts).toHaveLength(2);
    const report = readFileSync(join(failed.folder, 'gl-code-quality-report.json'), 'utf8');
    const issues = JSON.parse(report) as { location: { path: string }; fingerprint: string }[];
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.map(({ location }) => location.path)).toEqual(issues.map(() => 'm.json'));
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
    const odd = await run('pullproof-validate', variables, { 'm.json': wrong });
    expect([odd.code, existsSync(join(odd.folder, 'pwned'))], odd.log).toEqual([2, false]);
    const well = await run('pullproof-validate', {}, { 'a.json': '{}' });
    expect([well.code, well.artifacts.length], well.log).toEqual([0, 2]);
  });

  test('conform: JUnit, and a password on standard input alone', async () => {
    const { code, log, artifacts, folder } = await run('pullproof-conform', {
      PULLPROOF_REGISTRY: `${mock.registry}/ci/scratch`,
      PULLPROOF_CONFORM_ARGS: '--only blob-get* --only manifest-get*',
      PULLPROOF_USERNAME: mock.username,
      PULLPROOF_PASSWORD: mock.password,
    });
    expect(code, log).toBe(0);
    expect(artifacts).toHaveLength(2);
    const junit = readFileSync(join(folder, 'pullproof-conform/junit.xml'), 'utf8');
    expect(junit).toContain('<testcase');
    expect(log + junit).not.toContain(mock.password);
  });

  testWith('k6')('load: JUnit and metrics', async () => {
    const { code, log, artifacts } = await run('pullproof-load', {
      PULLPROOF_IMAGE: `http://${mock.images[0]}`,
      PULLPROOF_LOAD_ARGS: '--iterations 5 --vus 1',
    });
    expect(code, log).toBe(0);
    expect(artifacts).toHaveLength(3);
  });
});
