// `validate` on what people have: layouts, archives, folders and images in registries, as the built
// command line reads them; among them what real tools write.
import { cpSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import type { Finding, Results } from '../../reports/results.ts';
import {
  dirFolder,
  dockerSave,
  type Files,
  imageLayout,
  json,
  sha256,
  tar,
} from '../../src/validate/image/cases/fixture.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { writeLayout } from '../lib/docker-registry.ts';
import { runTool, testWith } from '../lib/tools.ts';

interface Judged {
  readonly code: number;
  readonly results: Results;
  readonly stderr: string;
}

async function judge(...words: string[]): Promise<Judged> {
  const out = scratch();
  const { code, stderr } = await cli(['validate', '-q', '--out', out, ...words]);
  const results = code < 2 || code === 130 ? readResults(out) : ({} as Results);
  return { code, results, stderr };
}

function findings({ results }: Judged): Finding[] {
  return (results.documents ?? []).flatMap((document) => document.findings);
}

const rulesOf = (judged: Judged) => [...new Set(findings(judged).map(({ ruleId }) => ruleId))];
const errorsOf = (judged: Judged) => findings(judged).filter(({ level }) => level === 'error');

function writeFiles(files: Files): string {
  const dir = scratch();
  for (const [file, bytes] of files) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), bytes);
  }
  return dir;
}

function archiveOf(files: Files): Buffer {
  return tar(...[...files].map(([path, content]) => ({ path, content })));
}

function writeFile(name: string, bytes: Uint8Array): string {
  const path = join(scratch(), name);
  writeFileSync(path, bytes);
  return path;
}

test('an archive may come on standard input, and leaves nothing behind', async () => {
  const out = scratch();
  const TMPDIR = scratch();
  const options = { input: gzipSync(archiveOf(imageLayout())), env: { TMPDIR } };
  const { code } = await cli(['validate', '-q', '--layers', '--out', out, '-'], options);
  const paths = readResults(out).documents?.map(({ path }) => path.split('/')[0]) ?? [];
  expect([code, new Set(paths)]).toEqual([0, new Set(['-!'])]);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

describe('folders and archives', () => {
  test('a layout is the same image as a folder, a tar, and a compressed tar', async () => {
    const files = imageLayout();
    const bytes = archiveOf(files);
    const inputs = [
      writeFiles(files),
      writeFile('a.tar', bytes),
      writeFile('b', bytes),
      writeFile('a.tgz', gzipSync(bytes)),
      writeFile('a.tar.zst', zstdCompressSync(bytes)),
    ];
    for (const input of inputs) {
      const judged = await judge('--layers', input);
      expect([judged.code, findings(judged)]).toEqual([0, []]);
      expect(judged.results.documents?.map(({ kind }) => kind).sort()).toEqual([
        'config',
        'index',
        'layer',
        'manifest',
        'oci-layout',
      ]);
      expect(judged.results.verified?.blobs).toBe(3);
    }
  });

  test('content is named by its folder or archive and its file', async () => {
    const files = imageLayout();
    const dir = writeFiles(files);
    const path = writeFile('a.tar', archiveOf(files));
    const { results } = await judge(dir, path);
    const paths = results.documents?.map((document) => document.path);
    expect(paths).toContain(join(dir, 'index.json'));
    expect(paths).toContain(`${path}!/index.json`);
  });

  test('docker save archives and dir: folders', async () => {
    for (const input of [writeFile('a.tar', archiveOf(dockerSave())), writeFiles(dirFolder())]) {
      const judged = await judge('--layers', input);
      expect([judged.code, findings(judged)]).toEqual([0, []]);
    }
  });

  test('a docker save archive of today is a layout too', async () => {
    const files = imageLayout();
    const [config = '', layer = ''] = [...files.keys()].filter((file) => file.startsWith('blobs'));
    files.set('manifest.json', json([{ Config: config, RepoTags: ['a:1'], Layers: [layer] }]));
    const judged = await judge(writeFile('a.tar', archiveOf(files)));
    expect([judged.code, findings(judged)]).toEqual([0, []]);
    files.set('manifest.json', json([{ Config: config, RepoTags: ['a:1'], Layers: ['gone'] }]));
    expect(rulesOf(await judge(writeFile('a.tar', archiveOf(files))))).toContain('save-entry');
  });

  test('archives that are cut off, damaged or something else are findings', async () => {
    const bytes = archiveOf(imageLayout());
    const cutOff = writeFile('a.tar', bytes);
    truncateSync(cutOff, bytes.length - 1_600);
    const damaged = Buffer.from(bytes);
    damaged[520 + 512] = 0xff;
    damaged.fill(0xff, 1_024, 1_100);
    const cases: [string, string][] = [
      [cutOff, 'archive-malformed'],
      [writeFile('b.tar', damaged), 'archive-malformed'],
      [writeFile('c.tgz', gzipSync(bytes).subarray(0, 300)), 'archive-malformed'],
      [writeFile('d.tar', Buffer.from('no tar')), 'archive-malformed'],
      [writeFile('e.tar', tar({ path: 'etc/passwd', content: 'x' })), 'archive-contents'],
    ];
    for (const [input, rule] of cases) {
      const judged = await judge(input);
      expect([judged.code, rulesOf(judged)]).toEqual([1, expect.arrayContaining([rule])]);
    }
  });

  test('any byte of an archive may be wrong without a crash', async () => {
    const bytes = archiveOf(dockerSave());
    const inputs = Array.from({ length: 20 }, (_, step) => {
      const broken = Buffer.from(bytes);
      broken[(step * 379) % broken.length] = 0xfe;
      return writeFile(`${step}.tar`, broken);
    });
    expect((await judge('--layers', ...inputs)).code).toBe(1);
  });

  test('a zip bomb ends early', async () => {
    const zeros = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    const layer = Buffer.concat(Array.from({ length: 20 }, () => zeros));
    const limit = ['--max-layer-bytes', '100MiB'];
    const judged = await judge('--layers', ...limit, writeFiles(imageLayout({ layer })));
    expect(rulesOf(judged)).toContain('layer-limits');
  });

  test('another folder: every .json below it; links in circles do no harm', async () => {
    const dir = scratch();
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    const manifest = [...imageLayout().values()][2] ?? new Uint8Array();
    writeFileSync(join(dir, 'one.json'), manifest);
    writeFileSync(join(dir, 'a/b/two.json'), manifest);
    writeFileSync(join(dir, 'a/note.txt'), 'x');
    symlinkSync('..', join(dir, 'a/up'));
    symlinkSync('self.json', join(dir, 'self.json'));
    cpSync(writeFiles(imageLayout()), join(dir, 'layout'), { recursive: true });
    const { code, results } = await judge(dir);
    const paths = results.documents?.map(({ path }) => path.slice(dir.length + 1));
    expect(code).toBe(0);
    expect(paths?.filter((path) => !path.startsWith('layout'))).toEqual([
      'a/b/two.json',
      'one.json',
    ]);
    expect(results.verified?.blobs).toBe(3);
  });

  test('what cannot be read, or is nothing, is exit code 2', async () => {
    const words = [scratch(), '/no/such/file', 'name-without-registry', '127.0.0.1:1/UPPER:1'];
    for (const word of words) expect((await judge(word)).code).toBe(2);
    expect((await judge('user:secret@127.0.0.1:1/a')).stderr).not.toContain('secret');
  });

  test('with --kind every file is a document', async () => {
    const path = writeFile('a.tar', archiveOf(imageLayout()));
    expect((await judge('--kind', 'manifest', path)).results.documents).toHaveLength(1);
  });
});

describe('images in a registry', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock.close());

  test('every document; with --layers every layer', async () => {
    const documents = await judge('--plain-http', ...mock.images);
    expect([documents.code, errorsOf(documents)]).toEqual([0, []]);
    const layers = await judge('--plain-http', '--layers', ...mock.images);
    expect([layers.code, errorsOf(layers)]).toEqual([0, []]);
    expect(layers.results.documents?.some(({ kind }) => kind === 'layer')).toBe(true);
    const bytes = (judged: Judged) => judged.results.verified?.bytes ?? 0;
    expect(bytes(layers)).toBeGreaterThan(bytes(documents));
  });

  test('what is not there, or cannot be reached, is exit code 3', async () => {
    const image = mock.images[0]?.replace(/:[^:]*$/, '') ?? '';
    expect((await judge('--plain-http', `${image}:gone`)).code).toBe(3);
    expect((await judge('http://127.0.0.1:1/a/b:1')).code).toBe(3);
  });
});

describe('a registry that is wrong', () => {
  let server: Server;
  let host = '';
  let onHang = (): unknown => undefined;
  const files = imageLayout();
  const index = JSON.parse(Buffer.from(files.get('index.json') ?? []).toString());
  const { digest, mediaType } = index.manifests[0];
  /** What changes a reply: name of the repository. */
  const wrongs: Record<string, { headers?: Record<string, string>; cut?: boolean; gone?: RegExp }> =
    {
      right: {},
      header: { headers: { 'Docker-Content-Digest': sha256(Buffer.from('other')) } },
      type: { headers: { 'Content-Type': 'application/vnd.oci.image.index.v1+json' } },
      bytes: { cut: true },
      gone: { gone: /blobs/ },
    };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, repository = '', kind = '', reference = ''] =
        /^\/v2\/([a-z]+)\/(manifests|blobs)\/(.*)$/.exec(request.url ?? '') ?? [];
      if (repository === 'hangs' && kind === 'blobs') {
        onHang();
        return;
      }
      const wrong = wrongs[repository] ?? {};
      const name = reference === 'latest' ? digest : reference;
      const body = files.get(`blobs/${name.replace(':', '/')}`);
      const status = body === undefined || wrong.gone?.test(kind) ? 404 : 200;
      const type = kind === 'manifests' ? mediaType : 'application/octet-stream';
      response.writeHead(status, {
        'Content-Type': type,
        ...(kind === 'manifests' && wrong.headers),
      });
      response.end(wrong.cut && kind === 'blobs' ? body?.subarray(0, -1) : body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test.each([
    ['right', []],
    ['header', ['digest-header']],
    ['type', ['content-type-mismatch']],
    ['bytes', ['blob-size', 'blob-digest', 'json-syntax']],
    ['gone', ['blob-missing', 'content-unavailable']],
  ])('%s', async (repository, rules) => {
    const judged = await judge('--layers', `http://${host}/${repository}:latest`);
    expect(new Set(rulesOf(judged))).toEqual(new Set(rules));
    expect(judged.code).toBe(rules.length === 0 ? 0 : 1);
  });

  test('interrupted, it leaves what was found until then, and exits with 130', async () => {
    const out = scratch();
    const { code } = await cli(['validate', '-q', '--out', out, `http://${host}/hangs:latest`], {
      onStart: (child) => {
        onHang = () => child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    const { documents = [], interrupted } = readResults(out);
    expect(interrupted).toBeDefined();
    expect(documents.map(({ kind }) => kind)).toEqual(['manifest']);
  });
});

describe('what real tools write', () => {
  async function run(tool: string, ...words: string[]): Promise<void> {
    const { code, output } = await runTool(tool, words);
    expect(code, `${tool} ${words.join(' ')}: ${output}`).toBe(0);
  }

  async function expectRight(input: string): Promise<void> {
    const judged = await judge('--layers', input);
    expect(errorsOf(judged)).toEqual([]);
    expect(judged.code).toBe(0);
    expect(judged.results.documents?.some(({ kind }) => kind === 'layer')).toBe(true);
  }

  testWith('skopeo')('skopeo copy to oci:, oci-archive:, docker-archive: and dir:', async () => {
    const [from, to] = [`oci:${await writeLayout()}:latest`, scratch()];
    await run('skopeo', 'copy', '-q', '--all', from, `oci:${to}/layout:latest`);
    await run('skopeo', 'copy', '-q', '--all', from, `oci-archive:${to}/oci.tar:latest`);
    await run('skopeo', 'copy', '-q', from, `docker-archive:${to}/docker.tar:demo/app:1`);
    await run('skopeo', 'copy', '-q', '--all', from, `dir:${to}/dir`);
    await run('skopeo', 'copy', '-q', '--format', 'v2s2', from, `dir:${to}/v2s2`);
    for (const name of readdirSync(to)) await expectRight(join(to, name));
  });

  testWith('crane')('crane pull as a layout and as archives', async () => {
    const mock = await startMock({ cdnPlace: 'port' });
    try {
      const to = scratch();
      const image = `${new URL(mock.registry).host}/demo/app:latest`;
      const pull = (format: string, name: string, ...words: string[]) =>
        run('crane', 'pull', '--insecure', ...words, `--format=${format}`, image, join(to, name));
      await pull('oci', 'layout');
      for (const format of ['tarball', 'legacy']) {
        await pull(format, `${format}.tar`, '--platform=linux/amd64');
      }
      for (const name of readdirSync(to)) await expectRight(join(to, name));
    } finally {
      await mock.close();
    }
  });

  testWith('umoci')('umoci init, new, insert and config', async () => {
    const layout = join(scratch(), 'layout');
    const image = `${layout}:latest`;
    const file = writeFile('hello', Buffer.from('hello'));
    await run('umoci', 'init', '--layout', layout);
    expect(errorsOf(await judge(layout))).toEqual([]);
    await run('umoci', 'new', '--image', image);
    await run('umoci', 'insert', '--image', image, file, '/etc/hello');
    await run('umoci', 'config', '--image', image, '--config.env', 'A=b', '--author', 'someone');
    await expectRight(layout);
  });

  testWith(
    'skopeo',
    'podman',
    'buildah',
  )('podman save and buildah push', async () => {
    const dir = scratch();
    const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
    const podman = (...words: string[]) =>
      run('podman', ...storage, '--storage-driver', 'vfs', ...words);
    const image = 'localhost/demo/app:1';
    const loaded = join(dir, 'loaded.tar');
    const from = `oci:${await writeLayout()}:latest`;
    await run('skopeo', 'copy', '-q', from, `docker-archive:${loaded}:${image}`);
    await podman('load', '-q', '-i', loaded);
    const to = scratch();
    for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']) {
      await podman('save', '-q', '--format', format, '-o', join(to, format), image);
    }
    const vfs = [...storage, '--storage-driver', 'vfs'];
    await run('buildah', ...vfs, 'push', '-q', image, `oci:${to}/buildah:latest`);
    for (const name of readdirSync(to)) await expectRight(join(to, name));
  });
});
