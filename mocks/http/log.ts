// The request log: one JSON line per request, written when its exchange is over. Secrets are left out
// unless they are wanted.
import { closeSync, openSync, writeSync } from 'node:fs';
import { UserError } from '../../src/lib/user-error.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import type { Hop } from '../call.ts';

export interface LogEntry {
  /** When the request's head had come, ISO 8601. */
  readonly time: string;
  readonly role: Hop;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  /** Of the request, in order, with their case; pseudo-headers too in HTTP/2. */
  readonly headers: readonly HeaderLine[];
  /** Of the reply. */
  readonly bodyBytes: number;
  readonly connection: number;
}

/** Whatever a client may send its secrets in: X-Registry-Auth, X-Api-Key, Private-Token … */
const secretHeader = /auth|cookie|token|secret|password|credential|api-?key/i;
const secretFields =
  /(^|[?&])(Signature|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|[a-z_]*token|password|client_secret)=[^&]*/gi;
const redactedValue = 'redacted';

export class RequestLog {
  readonly #fd: number;
  readonly #withSecrets: boolean;
  #waiting: string[] = [];
  #closed = false;

  /** Appends to the file. @throws UserError `log-unwritable` */
  constructor(file: string, withSecrets: boolean) {
    try {
      this.#fd = openSync(file, 'a', 0o600);
    } catch (error) {
      const message = `--log ${file}: ${error instanceof Error ? error.message : error}`;
      throw new UserError('log-unwritable', message, 'Give a file in a folder that you may write.');
    }
    this.#withSecrets = withSecrets;
  }

  /** Lines of one turn of the event loop go out in one write. */
  add(entry: LogEntry): void {
    if (this.#closed) return;
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(`${JSON.stringify(this.#withSecrets ? entry : withoutSecrets(entry))}\n`);
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    closeSync(this.#fd);
  }

  #flush(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    const lines = this.#waiting.join('');
    this.#waiting = [];
    writeSync(this.#fd, lines);
  }
}

/** Schemes of credentials and names of fields stay: they are what one looks for. */
function withoutSecrets(entry: LogEntry): LogEntry {
  const hide = (name: string, value: string): string => {
    const key = name.toLowerCase();
    // An HTTP/2 request has :authority, which is its Host.
    if (key !== ':authority' && secretHeader.test(key)) {
      const scheme = /^(Basic|Bearer) /i.exec(value)?.[0] ?? '';
      return scheme + redactedValue;
    }
    if (key === ':path' || key === 'referer') return hideFields(value);
    return value;
  };
  return {
    ...entry,
    query: hideFields(entry.query),
    headers: entry.headers.map(([name, value]) => [name, hide(name, value)] as const),
  };
}

/** Of a query, alone or behind its path. */
function hideFields(text: string): string {
  return text.replace(secretFields, `$1$2=${redactedValue}`);
}
