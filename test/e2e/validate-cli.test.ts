// `validate` and `explain` as the built command line shows them: findings in every format, baselines,
// settings; and input that means harm, which ends in a finding or in exit 2, in bounded memory.
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type Files,
  imageLayout,
  rightTar,
  sha256,
  tar,
} from '../../src/validate/image/cases/fixture.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';

const out = scratch();
const validate = (...words: string[]) => cli(['validate', '-q', '--out', out, ...words]);

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
}

function folder(files: Files): string {
  const dir = scratch();
  for (const [path, bytes] of files) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

const digest = `sha256:${'0'.repeat(64)}`;
const wrong = JSON.stringify(
  {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: -12 }],
  },
  null,
  2,
);

describe('a finding', () => {
  test('is told as a compiler does: place, level, rule, source, carets, what to do, section', async () => {
    const path = file('m.json', wrong);
    const { code, stdout } = await validate(path);
    expect(code).toBe(1);
    const line = wrong.split('\n').findIndex((one) => one.includes('-12')) + 1;
    const column = (wrong.split('\n')[line - 1] ?? '').indexOf('-12') + 1;
    expect(stdout).toContain(`${path}:${line}:${column} error descriptor-size`);
    const lines = stdout.split('\n');
    const source = lines.findIndex((one) => one.includes('"size": -12'));
    const carets = lines[source + 1] ?? '';
    expect(carets.indexOf('^')).toBe((lines[source] ?? '').indexOf('-12'));
    expect(carets.trimEnd().length - carets.indexOf('^')).toBe(3);
    expect(stdout).toContain('image-spec/descriptor.md#properties at /layers/0/size');
  });

  test('is in every format, for documents in files, archives and on standard input', async () => {
    const path = file('m.json', wrong);
    const layout = imageLayout({ layerDescriptor: { size: 1 } });
    const archive = file(
      'image.tar',
      tar(...[...layout].map(([name, content]) => ({ path: name, content }))),
    );
    const words = [path, archive, '-'];
    const run = (format: string) =>
      cli(['validate', '-q', '--out', scratch(), '--format', format, ...words], { input: wrong });
    const [sarif, junit, github] = await Promise.all(['sarif', 'junit', 'github'].map(run));
    const { results } = JSON.parse(sarif?.stdout ?? '').runs[0];
    const uris = results.map(
      (one: { locations: { physicalLocation?: { artifactLocation: { uri: string } } }[] }) =>
        one.locations[0]?.physicalLocation?.artifactLocation.uri,
    );
    expect(uris).toEqual(expect.arrayContaining([`file://${path}`, `file://${archive}`, '-']));
    expect(junit?.stdout.match(/<failure type="descriptor-size"/g)).toHaveLength(2);
    expect(github?.stdout).toContain(`::error file=${path},line=`);
    expect(github?.stdout).toContain(`::error file=${archive},title=`);
    expect(github?.stdout).toMatch(/^::error title=descriptor-size::-: /m);
  });
});

describe('a baseline', () => {
  test('is written, accepts, and is no excuse for what is new', async () => {
    const path = file('m.json', wrong);
    const known = join(scratch(), 'known.json');
    expect(await validate(path, '--write-baseline', known)).toMatchObject({ code: 0 });
    expect(await validate(path, '--baseline', known)).toMatchObject({ code: 0 });
    expect(readResults(out).baseline).toMatchObject({ gone: [], elsewhere: 0 });
    writeFileSync(path, wrong.replace('"size": 2', '"size": -2'));
    const { code, stdout } = await validate(path, '--baseline', known);
    expect(code).toBe(1);
    expect(stdout).toMatch(/accepted error descriptor-size/);
    writeFileSync(path, wrong.replace('-12', '12'));
    expect(await validate(path, '--baseline', known)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('not found any more'),
    });
  });

  test('is read or written, not both', async () => {
    const words = ['--baseline', 'a.json', '--write-baseline', 'b.json'];
    expect(await validate(file('m.json', wrong), ...words)).toMatchObject({ code: 2 });
  });
});

describe('settings', () => {
  const settings = file('s.yaml', 'rules:\n  descriptor-size: warning\n');

  test('set levels; flags win', async () => {
    const path = file('m.json', wrong);
    expect(await validate(path)).toMatchObject({ code: 1 });
    expect(await validate(path, '--config', settings)).toMatchObject({ code: 0 });
    expect(await validate(path, '--config', settings, '--strict')).toMatchObject({ code: 1 });
  });

  test('are found in the working directory, and told of', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, '.pullproof.yaml'), 'rules:\n  descriptor-size: off\n');
    const words = ['validate', '--out', out, file('m.json', wrong)];
    const { code, stderr } = await cli(words, { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain('.pullproof.yaml');
  });

  test('with a mistake are refused', async () => {
    const broken = file('s.yaml', 'rules:\n  descriptor-sise: off\n');
    const { code, stderr } = await validate(file('m.json', wrong), '--config', broken);
    expect(code).toBe(2);
    expect(stderr).toContain(`${broken}:2:`);
    expect(stderr).toContain('descriptor-size');
  });
});

describe('explain', () => {
  test.each(['descriptor-size', 'platform-mismatch', 'blob-flipped-byte', 'settings-strict'])(
    '%s',
    async (id) => {
      const { code, stdout } = await cli(['explain', id]);
      expect(code).toBe(0);
      expect(stdout).toContain(id);
    },
  );

  test('names the faults that a check notices', async () => {
    const { stdout } = await cli(['explain', 'blob-layers']);
    expect(stdout).toContain('blob-flipped-byte');
  });

  test('suggests what was meant', async () => {
    const { code, stdout, stderr } = await cli(['explain', 'descriptor-sise']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('descriptor-size');
  });
});

describe('list', () => {
  test.each(['checks', 'faults', 'profiles', 'rules', 'kinds'])(
    '%s as JSON and text',
    async (what) => {
      const [json, text] = await Promise.all([
        cli(['list', what, '--format', 'json']),
        cli(['list', what]),
      ]);
      const entries: Record<string, string>[] = JSON.parse(json.stdout);
      expect(entries.length).toBeGreaterThan(0);
      const names = entries.map((entry) => Object.values(entry)[0]);
      expect(
        text.stdout
          .trimEnd()
          .split('\n')
          .map((row) => row.split('\t')[0]),
      ).toEqual(names);
    },
  );

  test('without a word names what there is', async () => {
    expect((await cli(['list'])).stdout.split('\n')).toContain('rules');
  });
});

/** Peak resident memory of a run, in bytes, as Linux counts it. */
async function peakBytes(
  words: readonly string[],
): Promise<{ code: number; peak: number; stderr: string }> {
  const report = join(scratch(), 'peak');
  const hook = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(report)},
      String(process.resourceUsage().maxRSS * 1024)));`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hook)}` };
  const { code, stderr } = await cli(['validate', '-q', '--out', out, ...words], { env });
  return { code, peak: Number(readFileSync(report, 'utf8')), stderr };
}

const peakBytesMax = 500e6;
const zeros = 4_000_000_000;

/** A gzip layer of so many zeros, made without holding them. */
function bomb(): Uint8Array {
  const member = gzipSync(Buffer.alloc(50_000_000));
  return Buffer.concat(Array.from({ length: zeros / 50_000_000 }, () => member));
}

describe('harmful input ends in a finding', () => {
  test.each<[string, string, () => string[]]>([
    ['nesting', 'document-limits', () => [file('x.json', '[{"a":'.repeat(100_000))]],
    [
      'closed nesting',
      'document-limits',
      () => [file('x.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ],
    ['a huge string', 'document-limits', () => [file('x.json', `"${'x'.repeat(30_000_000)}"`)]],
    ['a huge file', 'document-limits', () => [file('x.json', Buffer.alloc(40_000_000, '['))]],
    ['NUL bytes', 'kind-unknown', () => [file('x.json', Buffer.alloc(1_000_000))]],
    ['a NUL in a string', 'json-syntax', () => [file('x.json', '{"mediaType":"a\0b"}')]],
    [
      'YAML that nests',
      'yaml-syntax',
      () => ['--kind', 'pullproof-config', file('x.yaml', '['.repeat(100_000))],
    ],
    [
      'a truncated tar',
      'archive-malformed',
      () => {
        const files = [...imageLayout()].map(([path, content]) => ({ path, content }));
        return [file('x.tar', tar(...files).subarray(0, 3_000))];
      },
    ],
    [
      'a layer that unpacks to 4 GB',
      'layer-limits',
      () => {
        const layer = bomb();
        const files = imageLayout({ layer, diffIds: [sha256(rightTar)] });
        return ['--layers', '--max-layer-bytes', '100MB', folder(files)];
      },
    ],
    [
      'an archive that unpacks to 4 GB of nothing',
      'layer-limits',
      () => [file('x.tar.gz', bomb())],
    ],
  ])('%s: %s', async (_, rule, words) => {
    const { code, peak, stderr } = await peakBytes(words());
    expect(code, stderr).toBe(1);
    const found = readResults(out).documents?.flatMap(({ findings }) => findings) ?? [];
    expect(found.map(({ ruleId }) => ruleId)).toContain(rule);
    expect(peak).toBeLessThan(peakBytesMax);
  });
});

describe('input that cannot be read', () => {
  test('a folder that leads into itself is walked once', async () => {
    const dir = folder(new Map([['m.json', Buffer.from(wrong)]]));
    symlinkSync(dir, join(dir, 'again'));
    expect(await validate(dir)).toMatchObject({ code: 1 });
    expect(readResults(out).documents).toHaveLength(1);
  });

  test('a link that leads to itself is told', async () => {
    const path = join(scratch(), 'x.json');
    symlinkSync(basename(path), path);
    expect(await validate(path)).toMatchObject({ code: 2, stderr: expect.stringContaining(path) });
  });

  test.skipIf(process.getuid?.() === 0)('a file without permission is told', async () => {
    const path = file('x.json', wrong);
    chmodSync(path, 0);
    const { code, stderr } = await validate(path);
    expect(code).toBe(2);
    expect(stderr).toContain(path);
  });

  test('a folder that holds nothing is told', async () => {
    const path = scratch();
    const { code, stderr } = await validate('--kind', 'manifest', path);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(path);
  });

  test.each(['/proc/self/mem', '/dev/zero', '/nowhere/x.json'])('%s is told', async (path) => {
    const { code, stderr } = await validate('--kind', 'manifest', path);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(path);
  });
});
