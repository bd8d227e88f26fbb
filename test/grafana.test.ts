// The dashboards for Grafana: what their JSON is like, and that every query is PromQL. That every panel shows something
// is held by test/programs/grafana.test.ts.
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { dialects } from '../tools/grafana/dialect.ts';
import { queriesOf, readDashboards, withVariables } from './lib/grafana.ts';

const dashboards = [...readDashboards()];

test('there is one for each way on which metrics come', () => {
  expect(dashboards.map(([file]) => file).sort()).toEqual(
    dialects.map(({ id }) => `${id}.json`).sort(),
  );
});

/** Where the parser finds no PromQL. */
function errorsIn(query: string): string[] {
  const errors: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from }) => {
      if (type.isError) errors.push(`${query.slice(from)} in ${query}`);
    },
  });
  return errors;
}

test.each([
  ['sum by (a) (rate(b_total{c=~".*"}[1m]))', 0],
  ['sum by (a (rate(b_total[1m]))', 1],
  ['rate(b_total[$interval])', 1],
])('%s: %d errors at least', (query, count) => {
  expect(Math.min(1, errorsIn(query).length)).toBe(count);
});

describe.each(dashboards)('%s', (file, dashboard) => {
  const { panels, templating } = dashboard;
  const shown = panels.filter(({ type }) => type !== 'row');

  test('has queries that are PromQL, and no variable that it does not declare', () => {
    for (const { place, query } of queriesOf(dashboard)) {
      expect(errorsIn(query), place).toEqual([]);
    }
    const declared = [...templating.list.map(({ name }) => name), '__rate_interval', '__range'];
    for (const [, name] of JSON.stringify(dashboard).matchAll(/\$(\w+)/g)) {
      // What stands for all values.
      if (name !== '__all') expect(declared).toContain(name);
    }
  });

  test('shows 0 of what k6 does not write before it happens, in figures of a whole run', () => {
    const counters = /k6_(pull_failed|pull_with_retry|dropped_iterations)/;
    const figures = queriesOf({
      ...dashboard,
      panels: panels.filter((one) => one.type === 'stat'),
    });
    const found = figures.filter(({ query }) => counters.test(query));
    expect(found).toHaveLength(3);
    for (const { query, place } of found) expect(query, place).toMatch(/ or 0 \* .*pull_started/s);
  });

  test('can be imported: name, version, data source to choose', () => {
    expect(`${dashboard.uid}.json`).toBe(file);
    expect(dashboard.uid.length).toBeLessThanOrEqual(40);
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    const [first] = templating.list;
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    for (const { datasource, targets = [] } of shown) {
      for (const one of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(one).toEqual({ type: 'prometheus', uid: '$datasource' });
      }
    }
  });

  test('has panels with a title, a description, a unit and a query', () => {
    for (const { title, description, fieldConfig, targets = [] } of shown) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/\.$/);
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      expect(targets.length, title).toBeGreaterThan(0);
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('no panel lies on another, or out of the grid', () => {
    for (const [at, { title, gridPos: a }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { title: other, gridPos: b } of panels.slice(at + 1)) {
        const isApart =
          a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart, `${title} and ${other}`).toBe(true);
      }
    }
  });

  test('labels in legends are those that the query keeps', () => {
    for (const { title, targets = [] } of shown) {
      for (const { expr, legendFormat = '' } of targets) {
        const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, by = '']) =>
          by.split(', '),
        );
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          if (label !== 'le') expect(kept, `${title}: ${withVariables(expr)}`).toContain(label);
        }
      }
    }
  });
});
