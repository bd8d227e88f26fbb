// A dashboard as Grafana 11 and newer import it: the rows of the table laid out in the grid, and the variables that
// its queries have.
import { type Dialect, dialects } from './dialect.ts';
import { type Panel, type Row, rowsOf } from './panels.ts';

/** The files of the dashboards, and what stands in them. */
export const dashboardFiles: Readonly<Record<string, () => string>> = Object.fromEntries(
  dialects.map((dialect) => [
    `reports/grafana/${dialect.id}.json`,
    () => `${JSON.stringify(dashboardOf(dialect), null, 2)}\n`,
  ]),
);

const datasource = { type: 'prometheus', uid: '$datasource' };
const columnsMax = 24;
const heights: Record<Panel['type'], number> = { stat: 4, timeseries: 8, heatmap: 8 };

function dashboardOf(dialect: Dialect): object {
  const { id, title, description, documentation } = dialect;
  return {
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '11.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
      ...['stat', 'timeseries', 'heatmap'].map((panel) => ({ type: 'panel', id: panel })),
    ],
    uid: id,
    title,
    description,
    tags: ['pullproof', 'k6', 'container-registry'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '5s',
    time: { from: 'now-15m', to: 'now' },
    timezone: 'browser',
    links: [
      { ...link, type: 'dashboards', title: 'pullproof', tags: ['pullproof'], asDropdown: true },
      { ...link, type: 'link', title: 'How k6 sends these metrics', url: documentation },
    ],
    templating: { list: variables() },
    annotations: { list: [] },
    panels: laidOut(rowsOf(dialect)),
  };
}

const link = { icon: 'external link', targetBlank: true, keepTime: true };

function variables(): object[] {
  const testid = 'testid=~"$testid"';
  return [
    { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', hide: 0 },
    labelVariable('testid', 'Run', 'label_values(k6_pull_started_total, testid)'),
    labelVariable('client', 'Client', `label_values(k6_pull_started_total{${testid}}, client)`),
    labelVariable('image', 'Image', `label_values(k6_pull_started_total{${testid}}, image)`),
    labelVariable('hop', 'Hop', `label_values(k6_http_reqs_total{${testid}}, hop)`),
    labelVariable('host', 'Host', `label_values(k6_http_reqs_total{${testid}, hop=~"$hop"}, host)`),
    textVariable('slo_p95', 'Objective: p95 of a pull, s', '2'),
    textVariable('slo_errors', 'Objective: share of failed pulls', '0.001'),
  ];
}

/** All stands for series without the label, too. */
function labelVariable(name: string, label: string, query: string): object {
  return {
    ...{ type: 'query', name, label, datasource, definition: query, query: { query, refId: name } },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*', hide: 0 },
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

function textVariable(name: string, label: string, query: string): object {
  const current = { text: query, value: query };
  return {
    type: 'textbox',
    name,
    label,
    query,
    current,
    options: [{ ...current, selected: true }],
  };
}

/** Panels from the left to the right, rows from the top down. */
function laidOut(rows: readonly Row[]): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      ...{ id: placed.length + 1, type: 'row', title, collapsed: false, panels: [] },
      gridPos: { x: 0, y, w: columnsMax, h: 1 },
    });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      if (x + panel.width > columnsMax) [x, y, height] = [0, y + height, 0];
      const h = heights[panel.type];
      placed.push(panelOf(panel, placed.length + 1, { x, y, w: panel.width, h }));
      x += panel.width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return placed;
}

function panelOf(panel: Panel, id: number, gridPos: object): object {
  const { title, description, type, queries, unit } = panel;
  const thresholds = [
    { color: 'green', value: null },
    ...(panel.redFrom === undefined ? [] : [{ color: 'red', value: panel.redFrom }]),
  ];
  return {
    ...{ id, type, title, description, datasource, gridPos },
    targets: queries.map(({ expr, legend }, at) => ({
      ...{ refId: String.fromCharCode(65 + at), datasource, expr, editorMode: 'code' },
      ...(type === 'stat' ? { instant: true, range: false } : { range: true }),
      ...(legend !== '' && { legendFormat: legend }),
      ...(type === 'heatmap' && { format: 'heatmap' }),
    })),
    fieldConfig: {
      defaults: {
        ...{ unit, min: 0, thresholds: { mode: 'absolute', steps: thresholds } },
        ...(type === 'timeseries' && { custom: drawing(panel) }),
      },
      overrides: [],
    },
    options: optionsOf(type),
  };
}

function drawing({ isStacked, unit }: Panel): object {
  return {
    ...{ drawStyle: 'line', lineWidth: 1, fillOpacity: isStacked ? 30 : 5, showPoints: 'never' },
    ...{ lineInterpolation: unit === 'bool_on_off' ? 'stepAfter' : 'linear', spanNulls: false },
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
  };
}

function optionsOf(type: Panel['type']): object {
  const calcs = ['lastNotNull'];
  switch (type) {
    case 'stat':
      return { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs, values: false } };
    case 'heatmap':
      return {
        ...{
          calculate: false,
          cellGap: 0,
          color: { mode: 'scheme', scheme: 'Oranges', steps: 64 },
        },
        ...{ yAxis: { unit: 's' }, tooltip: { mode: 'single', yHistogram: false } },
      };
    case 'timeseries':
      return {
        legend: { displayMode: 'table', placement: 'bottom', calcs: ['mean', 'max'] },
        tooltip: { mode: 'multi', sort: 'desc' },
      };
  }
}
