// Looks for secrets in whatever a run left: as they are, in base64 and as URLs have them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Name of each secret, and its value. */
export type Secrets = Readonly<Record<string, string>>;

/** Forms of a value that a text could have; in base64 wherever in it the value begins. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const encoded = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
    // The first and the last digits depend on what stands beside.
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor((whole.length * 8) / 6);
    const forms = [whole.toString('base64'), whole.toString('base64url')];
    return forms.map((form) => form.slice(from, to));
  });
  const forURL = encodeURIComponent(secret);
  return [...new Set([secret, forURL, forURL.replaceAll('%20', '+'), ...encoded])];
}

/** `NAME in PLACE` for each that is there. */
export function secretsIn(texts: Readonly<Record<string, string>>, secrets: Secrets): string[] {
  const forms = Object.entries(secrets).map(([name, secret]) => [name, formsOf(secret)] as const);
  return Object.entries(texts).flatMap(([place, text]) =>
    forms.flatMap(([name, all]) =>
      all.some((form) => text.includes(form)) ? [`${name} in ${place}`] : [],
    ),
  );
}

/** Every file below a folder, as text by its path. */
export function textsIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    files.map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );
}

/** Words and environment of all processes below one, as long as it runs. */
export class Descendants {
  /** By `PID cmdline` and `PID environ NAME`. */
  readonly texts: Record<string, string> = {};
  readonly #of: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#of = pid;
    this.#timer = setInterval(() => this.#look(), 10);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = read(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      parents.set(Number(name), parent);
    }
    for (const pid of parents.keys()) {
      for (let up = parents.get(pid); up !== undefined && up > 1; up = parents.get(up)) {
        if (up === this.#of) this.#note(pid);
      }
    }
    const own = read(`/proc/${this.#of}/cmdline`);
    if (own !== '') this.texts[`${this.#of} cmdline`] = own;
  }

  #note(pid: number): void {
    this.texts[`${pid} cmdline`] = read(`/proc/${pid}/cmdline`);
    this.texts[`${pid} environ`] = read(`/proc/${pid}/environ`);
  }
}

/** '' of one that has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
