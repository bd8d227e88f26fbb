// A small DNS server on loopback, and a world in which programs ask it: a mount namespace with a
// resolv.conf of its own. Needs root.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Addresses, or what goes wrong: a code of RFC 1035, or no answer at all. */
export type Answer = readonly string[] | 'servfail' | 'nxdomain' | 'silent';

export interface DnsServer {
  /** `address:port`. */
  readonly address: string;
  /** Questions for this name, both families counted. */
  asked(name: string): number;
  close(): void;
}

const [typeA, typeAaaa] = [1, 28];
const codes = { servfail: 2, nxdomain: 3 };
/** On loopback, nobody else's: the port cannot be chosen. */
export const dnsAddress = `127.77.${(process.pid >> 8) & 255}.${(process.pid & 127) + 1}`;

/** Names that are not in the zone do not exist. The zone is looked at for each question. Port 0: any that is free. */
export async function startDns(
  zone: Readonly<Record<string, Answer>>,
  port = 53,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  socket.on('message', (question, from) => {
    const name = nameIn(question);
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const reply = answerTo(question, zone[name] ?? 'nxdomain');
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.bind(port, dnsAddress);
  await once(socket, 'listening');
  const address = `${dnsAddress}:${socket.address().port}`;
  return { address, asked: (name) => asked.get(name) ?? 0, close: () => socket.close() };
}

const headBytes = 12;

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  let at = headBytes;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join('.').toLowerCase();
}

function answerTo(question: Buffer, answer: Answer): Buffer | undefined {
  if (answer === 'silent') return undefined;
  const questionEnd = headBytes + nameIn(question).length + 2 + 4;
  const type = question.readUInt16BE(questionEnd - 4);
  const addresses = typeof answer === 'string' ? [] : answer;
  const wanted = addresses.filter((one) => type === (isIPv4(one) ? typeA : typeAaaa));
  const head = Buffer.alloc(headBytes);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | (typeof answer === 'string' ? codes[answer] : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(wanted.length, 6);
  const records = wanted.map((address) => {
    const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc000 | headBytes, 0); // the name of the question
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(300, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, question.subarray(headBytes, questionEnd), ...records]);
}

/** Of the forms `::1` and `a::b`. */
function ipv6(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(before), groups(after)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  const bytes = Buffer.alloc(16);
  [...first, ...zeros, ...last].forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  });
  return bytes;
}

/** Program and words to run a program with, so that it asks our server for names. */
export function askingUs(program: string, words: readonly string[]): [string, string[]] {
  const file = join(mkdtempSync(join(tmpdir(), 'pullproof-dns-')), 'resolv.conf');
  writeFileSync(file, `nameserver ${dnsAddress}\noptions attempts:1 timeout:1\n`);
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  return ['unshare', ['-m', 'sh', '-c', script, file, program, ...words]];
}
