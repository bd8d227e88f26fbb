// What the runner of GitHub Actions makes of the lines of a step: commands, annotations, masks.

export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  /** `file`, `line`, `title`, … */
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

const known = [
  'error',
  'warning',
  'notice',
  'debug',
  'group',
  'endgroup',
  'add-mask',
  'stop-commands',
];

export class RunnerLog {
  readonly annotations: Annotation[] = [];
  /** As people see it. */
  text = '';
  readonly #masks: string[] = [];
  #stop: string | undefined;
  #rest = '';

  add(chunk: string): void {
    const lines = (this.#rest + chunk).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    // The runner takes commands again with the next step.
    this.#stop = undefined;
  }

  #line(line: string): void {
    // The runner takes a command anywhere behind blanks.
    const found = /^\s*::([\w-]+)(?: ([^\n]*?))?::(.*)$/.exec(line);
    if (found === null || (this.#stop !== undefined && found[1] !== this.#stop)) {
      this.text += `${this.#masked(line)}\n`;
      return;
    }
    const [, name = '', properties = '', data = ''] = found;
    if (name === this.#stop) this.#stop = undefined;
    else if (name === 'stop-commands') this.#stop = data;
    else if (name === 'add-mask') this.#masks.push(decoded(data));
    else if (name === 'error' || name === 'warning' || name === 'notice') {
      const pairs = properties.split(',').map((pair) => pair.split('='));
      const entries = pairs.map(([key = '', value = '']) => [key.trim(), decoded(value)]);
      this.annotations.push({
        kind: name,
        properties: Object.fromEntries(entries),
        message: this.#masked(decoded(data)),
      });
      this.text += `##[${name}]${this.#masked(data)}\n`;
    } else if (!known.includes(name)) throw new Error(`the runner was given the command ${line}`);
  }

  #masked(text: string): string {
    return this.#masks.reduce((masked, mask) => masked.replaceAll(mask, '***'), text);
  }
}

function decoded(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}

/** Of the files of outputs, environment: `name=value` lines, and values of several lines. */
export function readAssignments(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const block = /^([\w-]+)<<(.+)$/.exec(line);
    const plain = /^([\w-]+)=(.*)$/.exec(line);
    if (block !== null) {
      const end = lines.indexOf(block[2] as string, at + 1);
      if (end === -1) throw new Error(`${line} has no end`);
      values[block[1] as string] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (plain !== null) values[plain[1] as string] = plain[2] as string;
    else if (line !== '') throw new Error(`the runner does not understand ${line}`);
  }
  return values;
}
