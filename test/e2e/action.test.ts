// The GitHub Action, run as the runner runs it: what comes out, whatever is put in. Our files are the real ones; what
// GitHub is, test/lib/github-runner plays.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import {
  playedActions,
  type Shelves,
  shelves,
  startCommentServer,
} from '../lib/github-runner/played.ts';
import { Job, type JobOptions } from '../lib/github-runner/runner.ts';
import { testWith } from '../lib/tools.ts';

type Inputs = Readonly<Record<string, string>>;

const wrongManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  layers: [{ mediaType: 'x', digest: 'sha256:0', size: -1 }],
});

let bin = '';
beforeAll(() => {
  bin = programs('pullproof', join(packageRoot, 'dist/src/cli/launcher.js'));
});

/** A folder for the PATH in which a program has a name. */
function programs(name: string, target: string): string {
  const folder = scratch();
  symlinkSync(target, join(folder, name));
  return folder;
}

interface Ran {
  readonly outcome: string;
  readonly outputs: Record<string, string>;
  readonly job: Job;
  readonly shelf: Shelves;
  readonly workspace: string;
}

async function act(
  inputs: Inputs,
  options: Partial<JobOptions> & { path?: string } = {},
): Promise<Ran> {
  const workspace = options.workspace ?? scratch();
  const shelf = shelves();
  const variables = {
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    ...options.variables,
  };
  const job = new Job({ played: playedActions(shelf), ...options, workspace, variables });
  job.addPath(options.path ?? bin);
  const { outcome, outputs } = await job.action(packageRoot, { version: 'installed', ...inputs });
  return { outcome, outputs, job, shelf, workspace };
}

function checkout(files: Readonly<Record<string, string>>): string {
  const workspace = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text);
  return workspace;
}

describe('validate', () => {
  test('a wrong manifest is told in every way, and fails the job in the end', async () => {
    const workspace = checkout({ 'manifest.json': wrongManifest });
    const { outcome, outputs, job, shelf } = await act(
      { verb: 'validate', args: '.', 'artifact-name': 'gate', 'sarif-file': 'out.sarif' },
      { workspace },
    );
    expect({ outcome, verdict: outputs.verdict, code: outputs['exit-code'] }, job.log.text).toEqual(
      {
        outcome: 'failure',
        verdict: 'fail',
        code: '1',
      },
    );
    const counts = JSON.parse(outputs.counts ?? '');
    expect(counts).toMatchObject({ passed: 0, failed: 1, documents: 1 });
    expect(counts.errors).toBeGreaterThan(1);
    expect(outputs.failed).toBe('1');
    expect(
      job.log.annotations.some(
        (one) => one.kind === 'error' && one.properties.file === 'manifest.json',
      ),
    ).toBe(true);
    expect(job.summary).toContain('pullproof validate');
    expect(readdirSync(join(shelf.artifacts, 'gate'))).toContain('report.html');
    expect(outputs['artifact-url']).toMatch(/gate$/);
    expect(existsSync(outputs.results ?? '')).toBe(true);
    expect(JSON.parse(readFileSync(join(workspace, 'out.sarif'), 'utf8')).runs).toHaveLength(1);
    const uploads = job.records.filter(({ uses }) => uses?.includes('upload-sarif'));
    expect(uploads.map((one) => [one.outcome, one.with?.category])).toEqual([
      ['success', 'pullproof'],
    ]);
    // Everything was done before the job failed.
    expect(job.records.at(-1)?.outcome).toBe('failure');
    // Nothing of the action is left in the checkout.
    expect(readdirSync(workspace).sort()).toEqual(['manifest.json', 'out.sarif']);
  });

  test('a baseline, a configuration and a folder of their own; switched off means silent', async () => {
    const workspace = scratch();
    mkdirSync(join(workspace, 'sub'));
    writeFileSync(join(workspace, 'sub', 'manifest.json'), wrongManifest);
    writeFileSync(join(workspace, 'sub', 'settings.yaml'), 'exclude: [manifest.json]\n');
    const { outcome, outputs, job } = await act(
      {
        ...{ verb: 'validate', args: '.', config: 'settings.yaml', 'working-directory': 'sub' },
        ...{ summary: 'false', annotations: 'false' },
      },
      { workspace },
    );
    expect([outcome, outputs.verdict], job.log.text).toEqual(['success', 'pass']);
    expect([job.summary, job.log.annotations, outputs['artifact-url']]).toEqual(['', [], '']);
  });

  test('names and words that are commands elsewhere are plain text here', async () => {
    const name = '::error file=x::%0A::warning ::pwned,$(touch pwned).json';
    const workspace = checkout({
      [name]: wrongManifest,
      '::set-env name=X::y.json': wrongManifest,
    });
    const args = `"${name.replace('$', '\\$')}" '::set-env name=X::y.json' '"; touch pwned; "' \`touch pwned\` ; touch pwned`;
    const { outputs, job } = await act({ verb: 'validate', args }, { workspace });
    // A log of the runner throws where it is given a command that it does not know.
    expect(outputs['exit-code']).toBe('2');
    expect(JSON.parse(outputs.counts ?? '')).toMatchObject({ documents: 2, failed: 2 });
    expect(readdirSync(workspace)).toHaveLength(2);
    for (const one of job.log.annotations) {
      expect(one.message).not.toBe('pwned');
      expect(one.properties.file).not.toBe('x');
    }
  });

  test('of many findings GitHub is told the gravest, and how many there are; the summary fits', async () => {
    const entry = { mediaType: 'text/plain', digest: 'sha256:0', size: -1 };
    const workspace = checkout({
      'manifest.json': JSON.stringify({
        ...JSON.parse(wrongManifest),
        layers: Array(3_000).fill(entry),
      }),
    });
    const { job } = await act({ verb: 'validate', args: '.' }, { workspace });
    expect(Buffer.byteLength(job.summary)).toBeLessThan(1024 * 1024);
    expect(job.log.annotations.map(({ message }) => message).join()).toMatch(/GitHub shows 10/);
  });
});

test('npm installs the version that is asked for, and leaves the project alone', async () => {
  const workspace = checkout({ 'package.json': '{"name":"theirs"}', 'a.json': '{}' });
  const shim = join(workspace, 'shim');
  mkdirSync(shim);
  // A package of our name, which runs what was built here.
  const own = { name: 'pullproof', version: '1.2.3', type: 'module', bin: { pullproof: 'run.js' } };
  writeFileSync(join(shim, 'package.json'), JSON.stringify(own));
  const launcher = pathToFileURL(join(packageRoot, 'dist/src/cli/launcher.js'));
  writeFileSync(join(shim, 'run.js'), `await import('${launcher}');\n`);
  const { outcome, outputs, job } = await act(
    { verb: 'validate', args: 'a.json --sift', version: 'file:shim' },
    { workspace, path: scratch() },
  );
  expect([outcome, outputs.verdict], job.log.text).toEqual(['success', 'pass']);
  expect(readdirSync(workspace).sort()).toEqual(['a.json', 'package.json', 'shim']);
  const none = await act(
    { verb: 'validate', args: '.', version: 'file:nowhere' },
    { workspace, path: scratch() },
  );
  expect([none.outputs.verdict, none.outputs['exit-code']]).toEqual(['error', '3']);
});

describe('what cannot begin', () => {
  test.each([
    [{ verb: 'valdate' }, '2'],
    [{ verb: 'validate', args: '--no-such-flag .' }, '2'],
    [{ verb: 'validate', args: '.', 'working-directory': 'nowhere' }, '2'],
    [{ verb: 'conform', args: 'http://127.0.0.1:9/x --timeout 2s' }, '3'],
  ])('%j ends with %s, and says why', async (inputs, code) => {
    const { outcome, outputs, job } = await act(inputs);
    expect([outcome, outputs.verdict, outputs['exit-code']], job.log.text).toEqual([
      'failure',
      'error',
      code,
    ]);
    expect(job.log.annotations.some(({ kind }) => kind === 'error')).toBe(true);
    expect(job.summary).toContain('Error');
  });

  test('a pullproof that is not there, or ends by itself, is neither pass nor fail', async () => {
    const absent = await act({ verb: 'validate', args: '.' }, { path: scratch() });
    expect([absent.outcome, absent.outputs['exit-code']]).toEqual(['failure', '3']);
    const killed = join(scratch(), 'pullproof');
    writeFileSync(killed, '#!/bin/sh\necho "::error::not ours"\nkill -9 $$\n');
    chmodSync(killed, 0o755);
    const died = await act(
      { verb: 'validate', args: '.' },
      { path: programs('pullproof', killed) },
    );
    expect([died.outputs.verdict, died.outputs['exit-code']]).toEqual(['error', '4']);
    expect(died.job.log.annotations.map(({ message }) => message)).not.toContain('not ours');
  });

  test('a Node that is too old asks for another one', async () => {
    const old = join(scratch(), 'node');
    // What such a Node says of itself; it can do nothing else that counts here.
    writeFileSync(old, '#!/bin/sh\nexit 1\n');
    chmodSync(old, 0o755);
    const { job, outputs } = await act(
      { verb: 'validate', args: '.' },
      {
        workspace: checkout({ 'a.txt': '' }),
        path: programs('node', old),
      },
    );
    expect(job.records[1]).toMatchObject({ outcome: 'success', with: { 'node-version': '24' } });
    expect(outputs['exit-code']).toBe('3');
  });
});

describe('against a registry', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(async () => await mock.close());
  const image = () => `http://${mock.images[0]}`;

  test('conform logs in by a password that nobody sees', async () => {
    const { username, password } = mock;
    const checks = '--only "ping*" --only "*token*" --only blob-get';
    const { outcome, outputs, job } = await act({
      verb: 'conform',
      args: `${mock.registry}/ci/scratch ${checks}`,
      username,
      password,
      'artifact-name': 'run',
    });
    expect([outcome, outputs.verdict], job.log.text).toEqual(['success', 'pass']);
    expect(Number(outputs.passed)).toBeGreaterThan(0);
    expect(job.log.text).not.toContain(password);
    expect(job.summary).not.toContain(password);
    for (const file of readdirSync(outputs.directory ?? '')) {
      expect(readFileSync(join(outputs.directory ?? '', file), 'utf8'), file).not.toContain(
        password,
      );
    }
  });

  test('doctor fails where the pull touches a host that was not expected', async () => {
    const [registry, cdn] = [mock.registry, mock.cdn].map((url) => new URL(url).host);
    const args = `${image()} --probes 1`;
    const inputs = { verb: 'doctor', args, annotations: 'false', summary: 'false' };
    const well = await act({ ...inputs, 'expect-hosts': `# ours\n${registry}\n\n  ${cdn} # edge` });
    expect([well.outcome, well.outputs.verdict], well.job.log.text).toEqual(['success', 'pass']);
    expect(JSON.parse(well.outputs.counts ?? '')).toMatchObject({
      pullable: 1,
      failed: 0,
      hosts: 2,
    });
    const moved = await act({ ...inputs, 'expect-hosts': registry ?? '' });
    expect([moved.outcome, moved.outputs.verdict]).toEqual(['failure', 'fail']);
  });

  testWith('k6')('load is compared with an earlier run; without one it says so', async () => {
    const workspace = scratch();
    const args = `${image()} --iterations 10 --vus 2 --out tonight`;
    const load = { verb: 'load', args, annotations: 'false' };
    const first = await act(load, { workspace });
    expect([first.outcome, first.outputs.passed], first.job.log.text).toEqual(['success', '10']);
    const again = { ...load, args: load.args.replace('tonight', 'later'), baseline: 'tonight' };
    const second = await act(again, { workspace });
    const { comparison = '', verdict, 'exit-code': code } = second.outputs;
    const compared = JSON.parse(readFileSync(comparison, 'utf8'));
    // How fast this machine is just now is not ours to say: the verdict is that of the comparison.
    expect([verdict, code], second.job.log.text).toEqual([
      compared.verdict,
      `${compared.exitCode}`,
    ]);
    expect(second.job.summary).toContain('tonight');
    const none = await act({ ...load, baseline: 'nowhere/*' }, { workspace: scratch() });
    expect([none.outputs.verdict, none.outputs['exit-code'], none.outputs.passed]).toEqual([
      'error',
      '3',
      '10',
    ]);
  });

  test('a cancelled job keeps what there is', async () => {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    // Asked, it never answers.
    const silent = createServer(() => cancel());
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as AddressInfo;
    try {
      const { outputs, job, shelf } = await act(
        { verb: 'conform', args: `http://127.0.0.1:${port}/ci/x`, 'artifact-name': 'partial' },
        { cancelled },
      );
      expect([outputs.verdict, outputs['exit-code']], job.log.text).toEqual(['error', '130']);
      expect(readdirSync(shelf.artifacts)).toEqual(['partial']);
      expect(job.summary).not.toBe('');
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });
});

describe('the comment', () => {
  const event = { name: 'pull_request', payload: { pull_request: { number: 7 } } };
  const inputs = { verb: 'validate', args: '.', comment: 'true', annotations: 'false' };

  test('is made once, and written anew by later runs', async () => {
    const server = await startCommentServer();
    try {
      for (let id = 1; id <= 120; id++) server.comments.push({ id, body: 'of somebody else' });
      const options = { event, variables: { GITHUB_API_URL: server.url } };
      const workspace = checkout({ 'manifest.json': wrongManifest });
      const first = await act(inputs, { ...options, workspace });
      expect(first.outputs.verdict).toBe('fail');
      expect(server.comments).toHaveLength(121);
      expect(server.comments.at(-1)?.body).toContain('Fail');
      writeFileSync(join(workspace, 'manifest.json'), '{}');
      await act(inputs, { ...options, workspace });
      expect(server.comments).toHaveLength(121);
      expect(server.comments.at(-1)?.body).toContain('Pass');
      await act({ ...inputs, 'comment-key': 'other' }, { ...options, workspace });
      expect(server.comments).toHaveLength(122);
      expect(new Set(server.asked.map(({ token }) => token))).toEqual(
        new Set(['Bearer token-of-the-job']),
      );
    } finally {
      server.close();
    }
  });

  test('that may not be written is a warning, whatever the verdict', async () => {
    const server = await startCommentServer();
    server.status = 403;
    try {
      const variables = { GITHUB_API_URL: server.url };
      const { outcome, job } = await act(inputs, {
        event,
        variables,
        workspace: checkout({ 'a.json': '{}' }),
      });
      expect(outcome, job.log.text).toBe('success');
      const warnings = job.log.annotations.filter(({ kind }) => kind === 'warning');
      expect(warnings.map(({ message }) => message).join()).toContain('pull-requests: write');
    } finally {
      server.close();
    }
  });

  test('is none where there is no pull request, and an upload that fails hides nothing', async () => {
    const { outcome, outputs, job } = await act(
      { ...inputs, 'artifact-name': 'a/b', 'sarif-file': 'nowhere/x.sarif' },
      { workspace: checkout({ 'manifest.json': wrongManifest }) },
    );
    expect([outcome, outputs.verdict, outputs.sarif], job.log.text).toEqual([
      'failure',
      'fail',
      '',
    ]);
    expect(job.records.find(({ name }) => name === 'artifact')?.outcome).toBe('failure');
  });
});
