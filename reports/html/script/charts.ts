// Charts over time, drawn by uPlot. Text of a script: see index.ts.

export const charts = `
  const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const figure = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
  const unit = {
    pulls: (value) => figure.format(value),
    p95: (value) => value < 1000 ? figure.format(value) + ' ms' : figure.format(value / 1000) + ' s',
    bytes: (value) => value < 1e3 ? figure.format(value) + ' B' : value < 1e6 ? figure.format(value / 1e3) + ' kB' : figure.format(value / 1e6) + ' MB',
  };
  const heights = { pulls: 220, p95: 170, bytes: 170 };
  const plots = [];

  const draw = (chart, key, columns) => {
    const kind = chart.dataset.chart;
    const plot = chart.querySelector('.plot');
    const readout = chart.querySelector('[data-readout]');
    const resting = readout.textContent;
    const [second, pulls, failed, p95, bytes] = columns;
    const values = { pulls, p95, bytes }[kind];
    // A second that has a value between two that have none is a line of no length.
    const alone = values.flatMap((value, at) => {
      const isAlone = value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
      return isAlone ? [at] : [];
    });
    const line = {
      width: 2,
      stroke: () => color('--accent'),
      fill: () => color('--accent-soft'),
      points: { show: true, size: 6, filter: () => alone },
    };
    const failures = {
      width: 0,
      fill: () => color('--bad'),
      paths: uPlot.paths.bars({ size: [0.8, 8] }),
      points: { show: false },
    };
    const withFailures = kind === 'pulls' && failed.some((value) => value > 0);
    const axis = {
      stroke: () => color('--muted'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: () => color('--line'), width: 1 },
      ticks: { show: false },
    };
    const tell = (self) => {
      const at = self.cursor.idx;
      if (at === null || at === undefined || self.cursor.left < 0) {
        readout.textContent = resting;
        return;
      }
      const value = values[at] === null ? 'no pull' : unit[kind](values[at]);
      const rest = kind === 'pulls' ? ', ' + figure.format(failed[at]) + ' failed' : '';
      readout.textContent = 'at ' + second[at] + ' s: ' + value + rest;
    };
    // Seconds with failures are shaded in every chart: what they did to the rest shows at a glance.
    const shade = (self) => {
      const { ctx, bbox } = self;
      const step = second.length > 1 ? (second[1] - second[0]) / 2 : 0.5;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.fillStyle = color('--bad-soft');
      second.forEach((at, index) => {
        if (failed[index] === 0) return;
        const from = self.valToPos(at - step, 'x', true);
        const to = self.valToPos(at + step, 'x', true);
        ctx.fillRect(from, bbox.top, to - from + 1, bbox.height);
      });
      ctx.restore();
    };
    const size = () => ({ width: Math.max(120, plot.clientWidth), height: heights[kind] });
    const instance = new uPlot({
      ...size(),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key } },
      scales: { x: { time: false }, y: { range: (self, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [
        { ...axis, size: 34, gap: 9, values: (self, ticks) => ticks.map((tick) => tick + ' s') },
        { ...axis, size: 64, values: (self, ticks) => ticks.map((tick) => unit[kind](tick)) },
      ],
      series: withFailures ? [{}, line, failures] : [{}, line],
      hooks: { setCursor: [tell], drawClear: [shade] },
    }, withFailures ? [second, values, failed] : [second, values], plot);
    new ResizeObserver(() => {
      if (plot.clientWidth !== instance.width) instance.setSize(size());
    }).observe(plot);
    plots.push(instance);
  };

wirings.push((within) => {
  for (const group of all('[data-charts]', within)) {
    const columns = JSON.parse(group.querySelector('script').textContent);
    for (const chart of all('[data-chart]', group)) draw(chart, group.dataset.charts, columns);
  }
});
  // Colours are read while drawing, so another scheme needs only another drawing.
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    matchMedia(query).addEventListener('change', () => {
      for (const plot of plots) plot.redraw(false);
    });
  }
`;
