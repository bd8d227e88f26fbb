// The mock over HTTP against a bare `node:http` server that sends the same replies; how fast it sends large
// blobs from disk and made up on the way; how much memory that takes; how long lists of 10,000 tags take.
import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { medianOf } from '../../src/lib/median.ts';
import { format, line, verdict } from '../figures.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { type Asked, measure, type Sent } from './http-load.ts';
import { type Server, startBare, startMock } from './servers.ts';

const connections = 50;
const ratioMin = 0.5;
const bodyBytesPerSecondMin = 1e9;
const memoryBytesMax = 200e6;

export const mockBench = benchOfParts('mock', { replies, bodies, tags });

/** Small replies: what the mock's own work costs beside sending them. */
async function replies(run: Run): Promise<void> {
  const { say, seconds, pairs, signal, verdicts, figures } = run;
  const mock = await startMock([]);
  try {
    const token = await tokenFor(mock, 'demo/app');
    const authorization = ['Authorization', `Bearer ${token}`] as const;
    const manifests = `${mock.registry}/v2/demo/app/manifests`;
    const blob = `${mock.registry}/v2/demo/app/blobs/${await configDigest(mock, token)}`;
    const cases = [
      ['manifest GET', 'GET', `${manifests}/latest`],
      ['manifest HEAD', 'HEAD', `${manifests}/latest`],
      ['blob redirect', 'GET', blob],
    ] as const;
    process.stdout.write(`${line('mock: requests/s', 'bare', 'mock', 'ratio')}\n`);
    for (const [name, method, url] of cases) {
      const headers = [authorization];
      const bare = await startBare(await recorded(url, token));
      const measured: [Sent, Sent][] = [];
      const ask = (target: string) => {
        const asked: Asked = { url: target, method, headers, connections, seconds };
        return measure(asked, signal);
      };
      try {
        for (let i = 1; i <= pairs; i++) {
          say(`${name}: pair ${i} of ${pairs}`);
          measured.push([await ask(bare.registry), await ask(url)]);
        }
      } finally {
        await bare.stop();
      }
      const of = (index: 0 | 1) => medianOf(measured.map((pair) => pair[index].requestsPerSecond));
      const ratios = measured.map(([a, b]) => b.requestsPerSecond / a.requestsPerSecond);
      const ratio = medianOf(ratios);
      process.stdout.write(`${line(name, format(of(0), 0), format(of(1), 0), format(ratio, 2))}\n`);
      verdicts.push(verdict(`mock, ${name}: requests/s, mock : bare`, ratio, ratioMin, 'min'));
      figures[name] = { pairs: measured };
    }
  } finally {
    await mock.stop();
  }
}

/** The reply of the mock, for the bare server to repeat. */
async function recorded(url: string, token: string): Promise<object> {
  const headers = { Authorization: `Bearer ${token}` };
  const reply = await fetch(url, { headers, redirect: 'manual' });
  const body = Buffer.from(await reply.arrayBuffer()).toString('base64');
  // node:http adds these itself, for both.
  const own = ['date', 'connection', 'keep-alive'];
  const lines = [...reply.headers].filter(([name]) => !own.includes(name));
  return { status: reply.status, headers: lines.flat(), body };
}

async function tokenFor({ registry }: Server, repository: string): Promise<string> {
  const query = `service=${new URL(registry).host}&scope=repository:${repository}:pull`;
  const reply = await fetch(`${registry}/token?${query}`);
  return ((await reply.json()) as { token: string }).token;
}

async function configDigest({ registry }: Server, token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const at = async (reference: string) => {
    const reply = await fetch(`${registry}/v2/demo/app/manifests/${reference}`, { headers });
    return (await reply.json()) as { manifests: { digest: string }[]; config: { digest: string } };
  };
  return (await at((await at('latest')).manifests[0]?.digest ?? '')).config.digest;
}

const layerBytes = 1_000_000_000;
const bodyConnections = 8;
/** As many clients as the memory is promised for. */
const pullers = 100;

/** Large blobs: throughput, and memory while a hundred clients pull them. */
async function bodies(run: Run): Promise<void> {
  const spec = join(run.folder, 'images.yaml');
  await writeFile(
    spec,
    `images:\n  - repository: big\n    tags: [latest]\n    layers: 1\n    layerSize: ${layerBytes}B\n`,
  );
  const store = join(run.folder, 'store');
  await writeStore(store);
  process.stdout.write(`${line('mock: bodies', 'MB/s', 'start MB', 'peak MB')}\n`);
  const common = ['--auth', 'none', '--redirect', 'none'];
  await body(run, 'made on the way', ['--images', spec, ...common]);
  await body(run, 'from disk', ['--store', store, ...common]);
}

async function body(run: Run, name: string, words: readonly string[]): Promise<void> {
  const { say, seconds, signal, verdicts, figures } = run;
  say(`bodies ${name}`);
  const mock = await startMock(words);
  try {
    const manifest = await fetch(`${mock.registry}/v2/big/manifests/latest`);
    const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
    const url = `${mock.registry}/v2/big/blobs/${layers[0]?.digest}`;
    const before = mock.residentBytes();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, mock.residentBytes());
    }, 100);
    const pull = (clients: number, forSeconds: number) =>
      measure({ url, method: 'GET', connections: clients, seconds: forSeconds }, signal);
    let sent: Sent;
    try {
      sent = await pull(bodyConnections, seconds);
      await pull(pullers, 2 * seconds);
    } finally {
      clearInterval(watching);
    }
    const { bytesPerSecond } = sent;
    const row = [bytesPerSecond, before, peak].map((bytes) => format(bytes / 1e6, 0));
    process.stdout.write(`${line(name, ...row)}\n`);
    verdicts.push(
      verdict(`mock, bodies ${name}: bytes/s`, bytesPerSecond, bodyBytesPerSecondMin, 'min'),
      verdict(
        `mock, bodies ${name}: resident bytes, ${pullers} pullers of 1 GB`,
        peak,
        memoryBytesMax,
        'max',
      ),
    );
    figures[`bodies ${name}`] = { bytesPerSecond, before, peak };
  } finally {
    await mock.stop();
  }
}

/** An OCI layout with one image of one large layer, whose content nobody looks at but for its digest. */
async function writeStore(folder: string): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const put = async (mediaType: string, bytes: Uint8Array) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const type = (name: string) => `application/vnd.oci.image.${name}`;
  const layer = await put(type('layer.v1.tar'), randomFillSync(Buffer.alloc(layerBytes)));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const platform = { os: 'linux', architecture: 'amd64' };
  const config = await put(type('config.v1+json'), json({ ...platform, rootfs }));
  const mediaType = type('manifest.v1+json');
  const document = { schemaVersion: 2, mediaType, config, layers: [layer] };
  const manifest = await put(mediaType, json(document));
  const annotations = { 'org.opencontainers.image.ref.name': 'big:latest' };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, 'index.json'), json(index));
}

const tagCount = 10_000;
const pageTags = 100;
const listMsMax = 1_000;

/** Lists of many tags: whole, and page by page. */
async function tags({ say, verdicts, figures }: Run): Promise<void> {
  say(`lists of ${tagCount} tags`);
  const mock = await startMock(['--images', 'many', '--auth', 'none']);
  try {
    const list = async (query: string) => {
      const reply = await fetch(`${mock.registry}/v2/ci/app/tags/list${query}`);
      return ((await reply.json()) as { tags: string[] }).tags;
    };
    const wholeStart = performance.now();
    const whole = await list('');
    const wholeMs = performance.now() - wholeStart;
    const pagesStart = performance.now();
    const paged: string[] = [];
    for (let page: string[] = []; paged.length < whole.length; paged.push(...page)) {
      page = await list(`?n=${pageTags}&last=${paged.at(-1) ?? ''}`);
      if (page.length === 0) break;
    }
    const pagesMs = performance.now() - pagesStart;
    if (whole.length !== tagCount || paged.join() !== whole.join()) {
      throw new Error(`${whole.length} tags in one list, ${paged.length} in pages`);
    }
    process.stdout.write(`${line(`mock: ${tagCount} tags`, 'whole ms', `by ${pageTags} ms`)}\n`);
    process.stdout.write(`${line('', format(wholeMs, 1), format(pagesMs, 1))}\n`);
    verdicts.push(verdict('mock, tags: ms for all pages', pagesMs, listMsMax, 'max'));
    figures.tags = { wholeMs, pagesMs };
  } finally {
    await mock.stop();
  }
}
