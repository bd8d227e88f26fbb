// OpenMetrics text as its readers take it: promtool finds nothing to say, and a Prometheus that scrapes it has every
// sample, with its labels.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { renderOpenMetrics } from '../../reports/openmetrics.ts';
import { startPrometheus } from '../lib/prometheus.ts';
import { readOpenMetrics } from '../lib/read-openmetrics.ts';
import { hostileSample, poisoned, samples } from '../lib/sample-results.ts';
import { testWith } from '../lib/tools.ts';

const documents = [...samples, hostileSample, ...samples.map((one) => poisoned(one, 'a\\"b\n'))];

testWith('promtool')('promtool has nothing to say', () => {
  for (const document of documents) {
    const input = renderOpenMetrics(document);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  }
});

testWith('prometheus')('Prometheus scrapes it whole', async () => {
  const texts = documents.map(renderOpenMetrics);
  const server = createServer((request, reply) => {
    reply.setHeader('Content-Type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    reply.end(texts[Number(request.url?.slice(1))]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const scrapes = texts.map((_, at) => ({
    job_name: `sample-${at}`,
    metrics_path: `/${at}`,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  }));
  const prometheus = await startPrometheus({
    global: { scrape_interval: '1s' },
    scrape_configs: scrapes,
  });
  try {
    const up = await until(async () => {
      const found = await prometheus.rows('scrape_samples_scraped{job=~"sample-.*"}');
      return found.length === texts.length ? found : undefined;
    });
    for (const { labels, value } of up) {
      const at = Number(labels.job?.slice('sample-'.length));
      expect(value, labels.job).toBe(readOpenMetrics(texts[at] ?? '').length);
    }
    expect((await prometheus.rows('up == 0')).length).toBe(0);
  } finally {
    await prometheus.stop();
    server.close();
  }
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error('not all was scraped within 20 s');
}
