// Patterns of paths as .gitignore has them (gitignore(5), PATTERN FORMAT). Time grows with path times
// pattern and no faster: patterns come with the folders that are judged.

/** One piece of a name: a character, any character, any run of them, or a choice. */
type Token = string | 'any' | 'run' | ((char: string) => boolean);

interface Segment {
  /** Set when nothing in the segment is special. */
  readonly text?: string;
  readonly tokens: readonly Token[];
}

interface Pattern {
  /** `!`: takes back what an earlier pattern said. */
  readonly negated: boolean;
  readonly folderOnly: boolean;
  /** `**` is any number of folders. */
  readonly segments: readonly (Segment | '**')[];
}

/** A list of patterns; the last one that fits decides. */
export class PathPatterns {
  readonly #patterns: readonly Pattern[];

  constructor(lines: Iterable<string>) {
    this.#patterns = [...lines].flatMap((line) => parsePattern(line) ?? []);
  }

  /** Of one file: its lines, after a byte order mark, with either line end. */
  static ofText(text: string): PathPatterns {
    return new PathPatterns(text.replace(/^\ufeff/, '').split(/\r?\n/));
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /**
   * Whether the path itself fits: its names from where the patterns are rooted. Undefined when no pattern
   * says anything of it; false when it is taken back.
   */
  fits(names: readonly string[], isFolder: boolean): boolean | undefined {
    for (let at = this.#patterns.length - 1; at >= 0; at--) {
      const pattern = this.#patterns[at] as Pattern;
      if ((isFolder || !pattern.folderOnly) && fitsSegments(pattern.segments, names)) {
        return !pattern.negated;
      }
    }
    return undefined;
  }

  /**
   * The same for a path with all folders that lead to it, after the first `from` names: below a folder that
   * fits, nothing is taken back.
   */
  fitsBelow(names: readonly string[], isFolder = false, from = 0): boolean | undefined {
    for (let length = from + 1; length < names.length; length++) {
      if (this.fits(names.slice(0, length), true)) return true;
    }
    return this.fits(names, isFolder);
  }
}

/** Patterns with their alternatives, `*.{json,yaml}`, written out; more than `expandedMax` are left as they are. */
export function expandBraces(pattern: string): string[] {
  const patterns = [pattern];
  for (let at = 0; at < patterns.length; ) {
    const found = /^((?:[^\\{]|\\.)*)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(patterns[at] as string);
    if (found === null) {
      at++;
      continue;
    }
    const [, before = '', choices = '', after = ''] = found;
    patterns.splice(at, 1, ...choices.split(',').map((choice) => before + choice + after));
    if (patterns.length > expandedMax) return [pattern];
  }
  return patterns;
}

const expandedMax = 256;

function parsePattern(line: string): Pattern | undefined {
  if (line.startsWith('#')) return undefined;
  const negated = line.startsWith('!');
  // Blanks at the end do not count, unless a backslash is before them.
  let text = line.slice(negated ? 1 : 0).replace(/(?<!\\) +$/, '');
  const folderOnly = text.endsWith('/');
  if (folderOnly) text = text.slice(0, -1);
  if (text === '') return undefined;
  const isRooted = text.includes('/');
  const names = text.replace(/^\//, '').split('/');
  const segments = names.map((name) => (name === '**' ? name : parseSegment(name)));
  return { negated, folderOnly, segments: isRooted ? segments : ['**', ...segments] };
}

function parseSegment(name: string): Segment {
  if (!/[*?[\\]/.test(name)) return { text: name, tokens: [] };
  const tokens: Token[] = [];
  for (let at = 0; at < name.length; at++) {
    const char = name[at] as string;
    if (char === '*') {
      if (tokens.at(-1) !== 'run') tokens.push('run');
    } else if (char === '?') {
      tokens.push('any');
    } else if (char === '[') {
      const end = endOfChoice(name, at);
      if (end === -1) return { tokens: [() => false] };
      tokens.push(choiceOf(name.slice(at + 1, end)));
      at = end;
    } else {
      if (char === '\\') at++;
      tokens.push((name[at] ?? '\\') as Token);
    }
  }
  return { tokens };
}

/** Of the `]` that ends the choice begun at `from`; -1 without one. A first `]` stands for itself. */
function endOfChoice(name: string, from: number): number {
  const begin = from + (/^\[[!^]/.test(name.slice(from, from + 2)) ? 2 : 1);
  for (let at = begin; at < name.length; at++) {
    const isClass = name.startsWith('[:', at) && name.indexOf(':]', at + 2) !== -1;
    if (isClass) at = name.indexOf(':]', at + 2) + 1;
    else if (name[at] === '\\') at++;
    else if (name[at] === ']' && at > begin) return at;
  }
  return -1;
}

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

function choiceOf(text: string): (char: string) => boolean {
  const negated = /^[!^]/.test(text);
  const parts = text.slice(negated ? 1 : 0).matchAll(/\[:([a-z]+):\]|(\\.|.)-(\\.|.)|\\?(.)/gs);
  const isIn: ((char: string) => boolean)[] = [];
  for (const [, name, from, to, one] of parts) {
    const plain = (char: string) => char.slice(-1);
    if (name !== undefined) isIn.push((char) => classes[name]?.test(char) ?? false);
    else if (from === undefined || to === undefined) isIn.push((char) => char === one);
    else isIn.push((char) => char >= plain(from) && char <= plain(to));
  }
  return (char) => isIn.some((test) => test(char)) !== negated;
}

/** `**` may stand for no folder at all; at the end it stands for something. */
function fitsSegments(segments: Pattern['segments'], names: readonly string[]): boolean {
  if (segments.at(-1) === '**' && names.length < segments.filter((it) => it !== '**').length + 1) {
    return false;
  }
  return fitsRuns(
    segments.length,
    names.length,
    (at) => segments[at] === '**',
    (at, place) => fitsName(segments[at] as Segment, names[place] as string),
  );
}

function fitsName({ text, tokens }: Segment, name: string): boolean {
  if (text !== undefined) return text === name;
  return fitsRuns(
    tokens.length,
    name.length,
    (at) => tokens[at] === 'run',
    (at, place) => {
      const token = tokens[at] as Token;
      const char = name[place] as string;
      return typeof token === 'function' ? token(char) : token === 'any' || token === char;
    },
  );
}

/**
 * Whether a list with runs, each for any number of places, fits all places. Only the last run is ever tried
 * again, one place further: what came before it fits as early as it can.
 */
function fitsRuns(
  length: number,
  places: number,
  isRun: (at: number) => boolean,
  fits: (at: number, place: number) => boolean,
): boolean {
  let at = 0;
  let place = 0;
  let run = -1;
  let runPlace = 0;
  while (place < places) {
    if (at < length && isRun(at)) {
      run = at++;
      runPlace = place;
    } else if (at < length && fits(at, place)) {
      at++;
      place++;
    } else if (run !== -1) {
      at = run + 1;
      place = ++runPlace;
    } else {
      return false;
    }
  }
  while (at < length && isRun(at)) at++;
  return at === length;
}
