// Expressions of GitHub Actions, as much of them as our files use: what is not known is an error, never empty.
// https://docs.github.com/en/actions/reference/workflows-and-actions/expressions

export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value };
type Call = (...args: Value[]) => Value;

export interface Scope {
  /** github, inputs, steps, … */
  readonly contexts: Readonly<Record<string, Value>>;
  /** Those that ask for the state of the job, and `hashFiles`. */
  readonly calls: Readonly<Record<string, Call>>;
}

const statusCalls = ['always', 'success', 'failure', 'cancelled'];
const tokenPattern =
  /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(==|!=|<=|>=|&&|\|\||[!<>().,[\]]))/y;

/** A text with `${{ }}` in it. */
export function interpolate(text: string, scope: Scope): string {
  return text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_, inner: string) =>
    textOf(evaluate(inner, scope)),
  );
}

/** Of `if:`, where success of what came before is asked for unless the state of the job is. */
export function condition(text: string | undefined, scope: Scope): boolean {
  if (text === undefined) return isTrue(evaluate('success()', scope));
  const inner = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1] ?? text;
  const asksState = statusCalls.some((name) => new RegExp(`\\b${name}\\s*\\(`).test(inner));
  return isTrue(evaluate(asksState ? inner : `success() && (${inner})`, scope));
}

export function evaluate(text: string, scope: Scope): Value {
  const parser = new Parser(text, scope);
  return parser.whole();
}

class Parser {
  readonly #tokens: string[] = [];
  readonly #scope: Scope;
  readonly #text: string;
  #at = 0;

  constructor(text: string, scope: Scope) {
    this.#text = text;
    this.#scope = scope;
    tokenPattern.lastIndex = 0;
    let end = 0;
    while (text.slice(end).trim() !== '') {
      const found = tokenPattern.exec(text);
      if (found === null) throw this.#error(`${text.slice(end)} is not understood`);
      this.#tokens.push(found[0].trim());
      end = tokenPattern.lastIndex;
    }
  }

  whole(): Value {
    const value = this.#or();
    if (this.#at < this.#tokens.length) throw this.#error(`${this.#tokens[this.#at]} is too much`);
    return value;
  }

  #error(problem: string): Error {
    return new Error(`expression ${this.#text.trim()}: ${problem}`);
  }

  #take(...wanted: string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.#at++;
    return token;
  }

  #or(): Value {
    let left = this.#and();
    while (this.#take('||')) {
      const right = this.#and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  #and(): Value {
    let left = this.#compared();
    while (this.#take('&&')) {
      const right = this.#compared();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  #compared(): Value {
    const left = this.#unary();
    const operator = this.#take('==', '!=', '<', '<=', '>', '>=');
    if (operator === undefined) return left;
    const right = this.#unary();
    if (operator === '==') return isEqual(left, right);
    if (operator === '!=') return !isEqual(left, right);
    const [a, b] = [Number(left), Number(right)];
    return operator === '<'
      ? a < b
      : operator === '<='
        ? a <= b
        : operator === '>'
          ? a > b
          : a >= b;
  }

  #unary(): Value {
    if (this.#take('!')) return !isTrue(this.#unary());
    if (this.#take('(')) {
      const value = this.#or();
      if (!this.#take(')')) throw this.#error(') is missing');
      return value;
    }
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error('it ends too early');
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    return this.#take('(') ? this.#called(token) : this.#reached(token);
  }

  #called(name: string): Value {
    const args: Value[] = [];
    while (!this.#take(')')) {
      args.push(this.#or());
      if (!this.#take(',') && this.#tokens[this.#at] !== ')') throw this.#error(') is missing');
    }
    const call = this.#scope.calls[name] ?? pureCalls[name.toLowerCase()];
    if (call === undefined) throw this.#error(`there is no function ${name}`);
    return call(...args);
  }

  #reached(name: string): Value {
    if (!Object.hasOwn(this.#scope.contexts, name))
      throw this.#error(`there is no context ${name}`);
    let value = this.#scope.contexts[name] as Value;
    let way = name;
    for (;;) {
      let key: string;
      if (this.#take('.')) key = this.#tokens[this.#at++] ?? '';
      else if (this.#take('[')) {
        key = textOf(this.#or());
        if (!this.#take(']')) throw this.#error('] is missing');
      } else return value;
      value = memberOf(value, key, way, closed.has(way) || /^steps\.[\w-]+$/.test(way));
      way += `.${key}`;
    }
  }
}

/** Contexts whose members are all known here: any other is a slip of the pen. */
const closed: ReadonlySet<string> = new Set(['inputs', 'steps', 'github', 'runner', 'secrets']);

function memberOf(value: Value, key: string, way: string, isClosed: boolean): Value {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    return (value as Record<string, Value>)[key] as Value;
  }
  if (isClosed) throw new Error(`${way} has no ${key}`);
  return null;
}

const pureCalls: Readonly<Record<string, Call>> = {
  contains: (whole, part) =>
    Array.isArray(whole)
      ? whole.some((one) => isEqual(one, part as Value))
      : textOf(whole as Value)
          .toLowerCase()
          .includes(textOf(part as Value).toLowerCase()),
  startswith: (text, start) => lower(text).startsWith(lower(start)),
  endswith: (text, end) => lower(text).endsWith(lower(end)),
  format: (text, ...args) =>
    textOf(text as Value).replace(/\{(\d+)\}/g, (_, at: string) =>
      textOf(args[Number(at)] as Value),
    ),
  tojson: (value) => JSON.stringify(value, null, 2),
  fromjson: (text) => JSON.parse(textOf(text as Value)) as Value,
};

function lower(value: Value | undefined): string {
  return textOf(value ?? null).toLowerCase();
}

function textOf(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== '' && value !== 0;
}

/** Texts without their case; what is of two kinds as numbers. */
function isEqual(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  if (typeof a === typeof b) return a === b;
  const number = (value: Value) => (value === null ? 0 : Number(value));
  return number(a) === number(b);
}
