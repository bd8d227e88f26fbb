// `pullproof doctor` as a user runs it: exit codes, the run folder, expected hosts, lists, and the pod for a node.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { allowListFormats } from '../../reports/allow-list.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';

let mock: RunningMock;
let image = '';
beforeAll(async () => {
  mock = await startMock();
  image = `http://${mock.images[0]}`;
});
afterAll(async () => await mock.close());

async function doctor(...words: readonly string[]) {
  const out = join(scratch(), 'run');
  const ended = await cli(['doctor', image, '--probes', '1', '--out', out, ...words]);
  return { ...ended, out };
}

const cdn = () => new URL(mock.cdn).host;
const registry = () => new URL(mock.registry).host;

describe('a pull that works', () => {
  test('is told with its hosts, in a run folder that can be read again', async () => {
    const { code, stdout, stderr, out } = await doctor();
    expect(code, stderr + stdout).toBe(0);
    expect(stdout).toMatch(/^PASS {2}podman can pull /);
    for (const file of ['results.json', 'report.html', 'junit.xml']) {
      expect(existsSync(join(out, file)), file).toBe(true);
    }
    const results = readResults(out);
    expect(validateResults(results)).toBeUndefined();
    expect(results.doctor?.allowList).toEqual([registry(), cdn()]);
    expect(results.doctor?.lookedFrom).toContain('shell');
    const again = await cli(['report', out]);
    expect(again.stdout.split('\n')[0]).toBe(stdout.split('\n')[0]);
  });

  test('is seen from this shell, not from the daemon that would pull', async () => {
    const { stdout, code } = await doctor('--client', 'docker', '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).doctor.lookedFrom).toContain('dockerd');
  });

  test.each(Object.keys(allowListFormats))(
    'has a list in the form of %s, from its folder too',
    async (form) => {
      const { stdout, out } = await doctor('--format', form);
      expect(stdout).toContain(cdn().split(':')[0]);
      const again = await cli(['report', out, '--format', form]);
      expect(again.stdout).toBe(stdout);
    },
  );
});

describe('hosts that are expected', () => {
  test('fail the run where another is seen, by name', async () => {
    const { code, stdout, out } = await doctor('--expect-host', registry());
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 3).join(' ').replace(/\s+/g, ' ')).toContain(
      `not expected: ${cdn()}`,
    );
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('host-unexpected');
  });

  test('hold where they are those of an earlier run', async () => {
    const { stdout } = await doctor('--format', 'csv');
    const file = join(scratch(), 'hosts.csv');
    writeFileSync(file, stdout);
    expect((await doctor('--expect-host', file)).code).toBe(0);
  });

  test('fail the run where one is not there', async () => {
    const gone = '127.0.0.1:1';
    const { code, out } = await doctor('--expect-host', '*', '--expect-host', gone);
    expect(code).toBe(1);
    expect(readResults(out).doctor?.hostList.find(({ trouble }) => trouble !== '')).toMatchObject({
      port: 1,
      trouble: 'unreachable',
      written: '--expect-host',
    });
  });

  test.each(['not a host', '/nowhere/hosts.txt'])('%j: exit 2', async (word) => {
    const { code, stderr, out } = await doctor('--expect-host', word);
    expect(code).toBe(2);
    expect(stderr).toContain('hint: ');
    expect(existsSync(out)).toBe(false);
  });
});

test('a pull that fails ends in 1, with a cause', async () => {
  const { code, stdout } = await cli([
    'doctor',
    `${mock.registry}/demo/app:absent`,
    '--format',
    'json',
  ]);
  expect(code).toBe(1);
  const { doctor: found } = JSON.parse(stdout);
  expect(found.pullable).toBe(false);
  expect(found.causes.length).toBeGreaterThan(0);
});

test('help leads with examples', async () => {
  const { stdout, code } = await cli(['doctor', '--help']);
  expect(code).toBe(0);
  expect(stdout.indexOf('$ pullproof doctor')).toBeLessThan(stdout.indexOf('Usage:'));
});

test('what is said of a cause fits a terminal, but for the words of clients and what has no blank', async () => {
  const { stdout, code } = await cli(['explain', 'mirror-not-read']);
  expect(code).toBe(0);
  const lines = stdout
    .split('\n')
    .filter((line) => !/^ {2}(?:podman|docker|containerd|kubelet): /.test(line));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test('a word that is no id, nor like one, is a short name', async () => {
  const root = scratch();
  const folder = join(root, 'etc/containers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'registries.conf'), '[aliases]\nalpine = "registry.test/os/alpine"\n');
  const { stdout, code } = await cli(['explain', 'alpine', '--root', root]);
  expect(stdout).toContain('registry.test/os/alpine:latest');
  expect(code).toBe(0);
  expect(await cli(['explain', 'blob-host-bloked', '--root', root])).toMatchObject({ code: 2 });
});

describe('a pod for a node', () => {
  const described = async (...words: readonly string[]) => {
    const dir = join(scratch(), 'Node_1');
    return { dir, ...(await cli(['doctor', 'quay.io/team/app:1', '--k8s', dir, ...words])) };
  };

  test('runs in the network of the node and reads its files, and that is all', async () => {
    const words = ['--node', 'worker-1', '--expect-host', '*.quay.io', '--preset', 'redhat'];
    const { dir, code, stdout, stderr } = await described(...words);
    expect(code, stderr).toBe(0);
    const pod = parse(readFileSync(join(dir, 'pod.yaml'), 'utf8'));
    expect(pod).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pullproof-doctor-node-1' },
      spec: {
        nodeName: 'worker-1',
        hostNetwork: true,
        dnsPolicy: 'Default',
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
      },
    });
    const [container] = pod.spec.containers;
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const mounts = container.volumeMounts.filter(({ name }: { name: string }) => name === 'etc');
    expect(mounts).toEqual([{ name: 'etc', mountPath: '/host/etc', readOnly: true }]);
    const paths = pod.spec.volumes.flatMap(
      ({ hostPath }: { hostPath?: { path: string } }) => hostPath?.path ?? [],
    );
    expect(paths).toEqual(['/etc']);
    // Every name of a volume is one that there is.
    const volumes = pod.spec.volumes.map(({ name }: { name: string }) => name);
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    expect(stdout).toContain('kubectl apply -f pod.yaml');
    expect(stdout).toContain(`pod/${pod.metadata.name} > results.json`);
    for (const file of readdirSync(dir)) {
      const text = readFileSync(join(dir, file), 'utf8');
      for (const path of [packageRoot, dir, homedir()]) expect(text, file).not.toContain(path);
    }
    // What it runs is a command line that is understood: it fails at the image that is not there, not before.
    const line = [...container.command.slice(1), ...container.args];
    expect(line).toContain('--root');
    const own = line.map((word: string) =>
      word === '/host' || word === '/tmp/run' ? scratch() : word,
    );
    const ran = await cli(
      own.map((word: string) => (word === 'quay.io/team/app:1' ? '127.0.0.1:1/team/app:1' : word)),
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({ verb: 'doctor', verdict: 'fail', exitCode: 1 });
  });

  test('is given what may see credentials, and waited for with an end', async () => {
    const { dir, stdout } = await described('--allow-realm', 'auth.example:5001');
    const { spec } = parse(readFileSync(join(dir, 'pod.yaml'), 'utf8'));
    expect(spec.containers[0].command.join(' ')).toContain('--allow-realm auth.example:5001');
    expect(stdout).not.toContain('until ');
    expect(stdout).toContain('privileged');
  });

  test('what is denied here would be expected there: exit 2', async () => {
    const file = join(scratch(), 'fence.json');
    writeFileSync(file, '{"network":{"allowedDomains":["*"],"deniedDomains":["evil.example"]}}');
    const { dir, code, stderr } = await described('--expect-host', file);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('evil.example');
    expect(existsSync(dir)).toBe(false);
  });

  test('is of an image into which `npm pack` puts the program, from a fresh checkout too', async () => {
    const { dir } = await described();
    const dockerfile = readFileSync(join(dir, 'Dockerfile'), 'utf8');
    const { version, scripts, bin } = JSON.parse(
      readFileSync(join(packageRoot, 'package.json'), 'utf8'),
    );
    expect(dockerfile).toContain(`COPY pullproof-${version}.tgz `);
    expect(bin.pullproof).toMatch(/^dist\//);
    expect(scripts.prepack).toContain('build');
  });

  test('has a place for the node where none is named', async () => {
    const { dir, stdout } = await described();
    const { spec } = parse(readFileSync(join(dir, 'pod.yaml'), 'utf8'));
    expect(spec.nodeName).toMatch(/^[a-z0-9.-]+$/);
    expect(stdout).toContain(spec.nodeName);
  });

  test.each([
    [['--username', 'demo', '--password-stdin']],
    [['--authfile', 'auth.json']],
    [['--pull-secret', 'secret.yaml']],
    [['--save', 'oci:x']],
    [['--node', 'not a node']],
  ])('%s: exit 2, and no folder', async (words) => {
    const { dir, code, stderr } = await described(...words);
    expect(code, stderr).toBe(2);
    expect(existsSync(dir)).toBe(false);
  });

  test('is not written over something else, and its flags need it', async () => {
    const dir = scratch();
    writeFileSync(join(dir, 'kept'), '');
    expect((await cli(['doctor', 'quay.io/a', '--k8s', dir])).code).toBe(2);
    expect((await cli(['doctor', 'quay.io/a', '--node', 'n'])).code).toBe(2);
  });
});
