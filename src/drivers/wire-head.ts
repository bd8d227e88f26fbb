// Heads of requests as Go's clients write them. undici puts `host` and `connection` first, in lower case;
// the clients whose traffic we reproduce write `Host`, and `Connection` last or not at all.
import type { Socket } from 'node:net';

/** How undici begins a head, before the lines that it was given. No piece of a body begins so. */
const undiciStart =
  /^[A-Z]+ \S+ HTTP\/1\.1\r\nhost: [^\r\n]*\r\nconnection: (?:keep-alive|close)\r\n/;
const end = '\r\n\r\n';

/** Every head that goes out on this connection, from now on. */
export function writeHeadsAsGo(socket: Socket): void {
  const write = socket.write;
  socket.write = (chunk: unknown, ...rest: unknown[]) =>
    Reflect.apply(write, socket, [typeof chunk === 'string' ? asGoWrites(chunk) : chunk, ...rest]);
}

/** A whole head in Go's order; anything else as it is. */
export function asGoWrites(text: string): string {
  if (!undiciStart.test(text) || !text.endsWith(end)) return text;
  const [requestLine = '', host = '', connection = '', ...lines] = text
    .slice(0, -end.length)
    .split('\r\n');
  if (lines.at(-1)?.startsWith('content-length: ')) {
    const length = lines.pop()?.replace('content-length', 'Content-Length') ?? '';
    // Go writes it after `User-Agent`, which is the first line that a client gives.
    lines.splice(/^user-agent:/i.test(lines[0] ?? '') ? 1 : 0, 0, length);
  }
  if (connection.endsWith('close')) lines.push('Connection: close');
  return [requestLine, host.replace('host', 'Host'), ...lines].join('\r\n') + end;
}
