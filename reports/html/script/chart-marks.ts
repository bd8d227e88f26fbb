// What charts hold besides the lines of uPlot: stacked bars, cells of a heat map, bounds and shades, and how figures
// and times are written. Text of a script, part of charts.ts beside this.

export const chartMarks = `
  const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  // Made when first written with: it costs more than what it writes.
  let writer;
  const figure = { format: (value) => (writer ??= new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })).format(value) };
  const unit = {
    plain: (value) => figure.format(value),
    rate: (value) => figure.format(value) + '/s',
    percent: (value) => figure.format(value) + ' %',
    ms: (value) => value < 1000 ? figure.format(value) + ' ms' : figure.format(value / 1000) + ' s',
    bytes: (value) => value < 1e3 ? figure.format(value) + ' B/s' : value < 1e6 ? figure.format(value / 1e3) + ' kB/s'
      : value < 1e9 ? figure.format(value / 1e6) + ' MB/s' : figure.format(value / 1e9) + ' GB/s',
  };
  const incrs = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800];
  const clock = (seconds, { step, steps }) => {
    if (step * steps <= 180) return seconds + ' s';
    const rest = String(seconds % 60).padStart(2, '0');
    const minutes = Math.floor(seconds / 60);
    if (step * steps <= 7200) return minutes + ':' + rest;
    return Math.floor(minutes / 60) + ':' + String(minutes % 60).padStart(2, '0') + ':' + rest;
  };

  /** Round values between two logarithms: as many as have room. */
  const logSplits = (low, high) => {
    const between = (parts) => {
      const found = [];
      for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
        for (const part of parts) {
          const at = power + Math.log10(part);
          if (at >= low && at <= high) found.push(at);
        }
      }
      return found;
    };
    const sets = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]].map(between);
    return sets.findLast((one) => one.length <= 8) ?? sets[0];
  };

  const inside = (self, paint) => {
    const { ctx, bbox } = self;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    paint(ctx, bbox);
    ctx.restore();
  };

  /** Left edge and width of so many steps on the canvas. */
  const across = (self, data, from, to) => {
    const left = Math.round(self.valToPos(from * data.step, 'x', true));
    return [left, Math.max(1, Math.round(self.valToPos(to * data.step, 'x', true)) - left)];
  };

  const paintShades = (self, data) => inside(self, (ctx, bbox) => {
    ctx.fillStyle = color('--bad-soft');
    for (const [from, to] of data.shade) {
      const [left, width] = across(self, data, from, to);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
  });

  const levelOf = (heat, count) => heat.levels.findLastIndex((least) => count >= least);

  const paintHeat = (self, data) => inside(self, (ctx) => {
    const { heat } = data;
    const colors = heat.levels.map((least, level) => color('--heat-' + heat.tones[level]));
    const edges = [heat.low, ...heat.bounds].map((edge) => Math.round(self.valToPos(edge, 'y', true)));
    heat.counts.forEach((cells, at) => {
      const [left, width] = across(self, data, at, at + 1);
      const gap = width >= 6 ? 1 : 0;
      for (let cell = 0; cell < cells.length; cell += 2) {
        const top = edges[cells[cell] + 1];
        ctx.fillStyle = colors[levelOf(heat, cells[cell + 1])];
        ctx.fillRect(left, top, width - gap, Math.max(1, edges[cells[cell]] - top));
      }
    });
  });

  const paintBars = (self, data, bars) => inside(self, (ctx) => {
    const colors = bars.map((one) => color(one.color));
    for (let at = 0; at < data.steps; at++) {
      const [left, width] = across(self, data, at, at + 1);
      const gap = width >= 5 ? 1 : 0;
      let sum = 0;
      bars.forEach((one, index) => {
        const value = one.values[at] ?? 0;
        if (value <= 0) return;
        const bottom = Math.round(self.valToPos(sum, 'y', true));
        sum += value;
        const top = Math.round(self.valToPos(sum, 'y', true));
        ctx.fillStyle = colors[index];
        ctx.fillRect(left, Math.min(top, bottom - 1), width - gap, Math.max(1, bottom - top));
      });
    }
  });

  const paintBound = (self, data) => inside(self, (ctx, bbox) => {
    const ratio = devicePixelRatio;
    const y = Math.round(self.valToPos(data.bound, 'y', true));
    ctx.strokeStyle = ctx.fillStyle = color('--bad-ink');
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([5 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = 11 * ratio + 'px system-ui, sans-serif';
    ctx.textAlign = 'right';
    const isHigh = y - bbox.top > 16 * ratio;
    ctx.textBaseline = isHigh ? 'bottom' : 'top';
    ctx.fillText('bound ' + unit[data.unit](data.bound), bbox.left + bbox.width - 4 * ratio, y + (isHigh ? -3 : 4) * ratio);
  });

  const marksBelow = (self, data) => {
    if (data.heat) paintHeat(self, data);
    const bars = data.series.filter((one) => one.style === 'bar');
    if (bars.length > 0) paintBars(self, data, bars);
  };

  const marksAbove = (self, data) => {
    if (data.bound !== undefined) paintBound(self, data);
  };

  /** The cell of a heat map below the pointer, in words. */
  const cellWords = (self, { heat }, at) => {
    if (!self.over.matches(':hover')) return '';
    const y = self.posToVal(self.cursor.top, 'y');
    const index = heat.bounds.findIndex((bound) => y <= bound);
    if (index < 0) return '';
    const cells = heat.counts[at];
    let count = 0;
    for (let cell = 0; cell < cells.length; cell += 2) if (cells[cell] === index) count = cells[cell + 1];
    const from = 10 ** (index === 0 ? heat.low : heat.bounds[index - 1]);
    const range = unit.ms(from) + ' to ' + unit.ms(10 ** heat.bounds[index]);
    return '; here ' + figure.format(count) + (count === 1 ? ' pull' : ' pulls') + ' of ' + range;
  };
`;
