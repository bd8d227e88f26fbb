// A strict reader of the OpenMetrics text that we write (gauges and summaries, no times), for tests.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const labelPair = /([a-z_]+)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/y;

/** @throws Error at what is not as it should be: order, a name without a type, a sample that is there twice */
export function readOpenMetrics(text: string): Sample[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '# EOF') throw new Error('no # EOF at the end');
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of lines) {
    const head = /^# (HELP|TYPE|UNIT) ([a-z_]+) (\S.*)$/.exec(line);
    if (head !== null) {
      const [, kind, name = '', rest = ''] = head;
      if (kind === 'TYPE') types.set(name, rest);
      if (kind === 'UNIT' && !name.endsWith(`_${rest}`))
        throw new Error(`unit of ${name}: ${rest}`);
      continue;
    }
    const [, name = '', labels = '', value = ''] =
      /^([a-z_]+)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?)$/.exec(line) ?? [];
    const family = types.has(name) ? name : name.replace(/_count$/, '');
    if (!types.has(family)) throw new Error(`no type: ${line}`);
    if (seen.has(`${name}{${labels}}`)) throw new Error(`twice: ${line}`);
    seen.add(`${name}{${labels}}`);
    samples.push({ name, labels: readLabels(labels), value: Number(value) });
  }
  return samples;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const match = labelPair.exec(text);
    if (match === null) throw new Error(`no label: ${text}`);
    const [, key = '', value = ''] = match;
    if (key in labels) throw new Error(`label ${key} twice: ${text}`);
    labels[key] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
