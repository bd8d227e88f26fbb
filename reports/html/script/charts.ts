// Charts over time, drawn by uPlot: figures that chart.ts in the folder above has made. Text of a script: see index.ts.
// A figure is drawn once, and cleared away when it has left the page (a live page replaces parts of itself).

import { chartMarks } from './chart-marks.ts';

export const charts = `
  ${chartMarks}
  const plots = [];
  const drawn = new WeakSet();

  const axisOf = (data) => ({
    stroke: () => color('--muted'),
    font: '12px system-ui, sans-serif',
    grid: { show: data.heat === undefined, stroke: () => color('--line'), width: 1 },
    ticks: { show: false },
  });

  // A step that has a value between two that have none is a line of no length.
  const aloneIn = (values) => values.flatMap((value, at) => {
    const isAlone = value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
    return isAlone ? [at] : [];
  });

  const seriesOf = (one, alone) => {
    if (one.style === 'bar') return { paths: () => null, points: { show: false } };
    const fill = one.style === 'area' ? () => color('--accent-soft') : undefined;
    return {
      width: 2,
      fill,
      stroke: () => color(one.color),
      points: { show: true, size: 6, filter: () => alone },
    };
  };

  const highest = (data) => {
    let high = data.bound ?? 0;
    const bars = data.series.filter((one) => one.style === 'bar');
    for (let at = 0; at < data.steps; at++) {
      let sum = 0;
      for (const one of bars) sum += one.values[at] ?? 0;
      high = Math.max(high, sum);
    }
    for (const one of data.series) {
      if (one.style !== 'bar') for (const value of one.values) high = Math.max(high, value ?? 0);
    }
    return high > 0 ? high * 1.12 : 1;
  };

  // Its label stands in the legend, not in the data: texts of others stay text.
  const labelsOf = (chart) => all('[data-label]', chart).map((one) => one.textContent);

  const tellerOf = (chart, data) => {
    const readout = chart.querySelector('[data-readout]');
    const resting = readout.textContent;
    const labels = labelsOf(chart);
    return (self) => {
      const at = self.cursor.idx;
      if (at === null || at === undefined || self.cursor.left < 0) {
        readout.textContent = resting;
        return;
      }
      const told = data.series.flatMap((one, index) => {
        const value = one.values[at];
        if (one.style === 'bar' && value === 0 && data.series.length > 2) return [];
        const words = value === null ? 'none' : (unit[one.unit ?? data.unit])(value);
        return [labels[index] === undefined ? words : labels[index] + ' ' + words];
      });
      const cell = data.heat === undefined ? '' : cellWords(self, data, at);
      readout.textContent = 'at ' + clock(at * data.step, data) + ': ' + (told.join(', ') || 'none') + cell;
    };
  };

  const scaleOf = (data) => {
    if (data.heat) return [data.heat.low, data.heat.bounds.at(-1)];
    return [0, highest(data)];
  };

  const sizeOf = (plot) => ({ width: Math.max(120, plot.clientWidth), height: Math.max(60, plot.clientHeight) });

  const draw = (chart, size) => {
    const plot = chart.querySelector('.plot');
    const data = JSON.parse(chart.querySelector('script').textContent);
    const end = data.step * data.steps;
    const middles = Array.from({ length: data.steps }, (none, at) => (at + 0.5) * data.step);
    const lines = data.series.map((one) => {
      const scaled = data.heat ? one.values.map((value) => value > 0 ? Math.log10(value) : null) : one.values;
      return [seriesOf(one, aloneIn(scaled)), scaled];
    });
    const yAxis = data.heat
      ? { splits: (self, index, low, high) => logSplits(low, high), values: (self, ticks) => ticks.map((tick) => unit.ms(10 ** tick)) }
      : { values: (self, ticks) => ticks.map((tick) => unit[data.unit](tick)) };
    const instance = new uPlot({
      ...size,
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: chart.dataset.sync, scales: ['x', null] }, points: { size: 7 } },
      scales: { x: { time: false, range: () => [0, end] }, y: { range: () => scaleOf(data) } },
      axes: [
        { ...axisOf(data), size: 30, gap: 7, space: 70, incrs: incrs, values: (self, ticks) => ticks.map((tick) => clock(tick, data)) },
        { ...axisOf(data), size: 62, gap: 6, space: 36, ...yAxis },
      ],
      series: [{}, ...lines.map(([one]) => one)],
      hooks: {
        setCursor: [tellerOf(chart, data)],
        drawClear: [(self) => data.shade && paintShades(self, data)],
        drawAxes: [(self) => marksBelow(self, data)],
        draw: [(self) => marksAbove(self, data)],
      },
    }, [middles, ...lines.map(([, values]) => values)], plot);
    const watch = new ResizeObserver(() => {
      if (plot.clientWidth !== instance.width && plot.clientWidth > 0) instance.setSize(sizeOf(plot));
    });
    watch.observe(plot);
    plots.push({ instance, chart, watch });
  };

  const sweep = () => {
    for (const one of [...plots]) {
      if (one.chart.isConnected) continue;
      one.watch.disconnect();
      one.instance.destroy();
      plots.splice(plots.indexOf(one), 1);
    }
  };

wirings.push((within) => {
  sweep();
  const fresh = all('[data-chart]', within).filter((chart) => !drawn.has(chart));
  let sizes;
  const drawNext = () => {
    // All is measured before anything is drawn: each drawing would make the browser lay out the page again.
    sizes ??= new Map(fresh.map((chart) => [chart, sizeOf(chart.querySelector('.plot'))]));
    const chart = fresh.shift();
    if (drawn.has(chart) || !chart.isConnected) return;
    drawn.add(chart);
    bringPlot();
    draw(chart, sizes.get(chart));
  };
  if (within !== document) {
    while (fresh.length > 0) drawNext();
    return;
  }
  // What is in sight comes first, which at the begin is little; the rest in passing, down the page.
  onceShown((idle) => {
    do { if (fresh.length > 0) drawNext(); } while (fresh.length > 0 && idle.timeRemaining() > 8);
    return fresh.length > 0;
  });
  addEventListener('beforeprint', () => { while (fresh.length > 0) drawNext(); });
});
  // Colours are read while drawing, so another scheme needs only another drawing.
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    matchMedia(query).addEventListener('change', () => {
      for (const { instance } of plots) instance.redraw(false);
    });
  }
`;
