// The dashboards of reports/grafana, read as Grafana would: their panels, and their queries with variables put in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/run/package-root.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly datasource: { readonly type: string; readonly uid: string };
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly DashboardPanel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly definition?: string;
    }[];
  };
}

const folder = join(packageRoot, 'reports/grafana');

/** By file name. */
export function readDashboards(): ReadonlyMap<string, Dashboard> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard]),
  );
}

/** Of each query of a dashboard: where it stands, and what Prometheus is asked. */
export function queriesOf(
  { panels }: Dashboard,
  values: Readonly<Record<string, string>> = {},
): { place: string; query: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({
      place: `${title} ${refId}`,
      query: withVariables(expr, values),
    })),
  );
}

const usual: Readonly<Record<string, string>> = {
  __rate_interval: '1m',
  __range: '5m',
  slo_p95: '2',
  slo_errors: '0.001',
};

/** All of every label, where nothing else is said. */
export function withVariables(text: string, values: Readonly<Record<string, string>> = {}): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => values[name] ?? usual[name] ?? '.*');
}
