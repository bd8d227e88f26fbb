// A real Prometheus of a test's own: it takes remote writes, native histograms too, and scrapes what it is told to.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './cli.ts';
import { freePort } from './docker-registry.ts';
import { startServer } from './server-child.ts';

export interface Row {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram, its count. */
  readonly value: number;
}

export interface Prometheus {
  readonly origin: string;
  /** The newest value of each series. @throws Error that says why the query is none */
  rows(query: string): Promise<Row[]>;
  stop(): Promise<void>;
}

/** `config`: of its configuration file, as JSON, which YAML contains; without it, nobody is scraped. */
export async function startPrometheus(config: object = {}): Promise<Prometheus> {
  const dir = scratch();
  const [file, data] = [join(dir, 'prometheus.yml'), join(dir, 'data')];
  writeFileSync(file, JSON.stringify(config));
  mkdirSync(data);
  const host = `127.0.0.1:${await freePort()}`;
  const words = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=${host}`,
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms',
    '--log.level=error',
  ];
  const origin = `http://${host}`;
  const stop = await startServer('prometheus', words, `${origin}/-/ready`, {
    isUp: ({ ok }) => ok,
  });
  return { origin, rows: (query) => rowsOf(origin, query), stop };
}

async function rowsOf(origin: string, query: string): Promise<Row[]> {
  const reply = await fetch(`${origin}/api/v1/query?${new URLSearchParams({ query })}`);
  const { status, error, data } = (await reply.json()) as {
    status: string;
    error?: string;
    data: {
      result: {
        metric: Record<string, string>;
        value?: [number, string];
        histogram?: [number, { count: string }];
      }[];
    };
  };
  if (status !== 'success') throw new Error(`${error}: ${query}`);
  return data.result.map(({ metric, value, histogram }) => ({
    labels: metric,
    value: Number(value?.[1] ?? histogram?.[1].count),
  }));
}
