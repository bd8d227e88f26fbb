// Hosts that the user says a pull may need: `--expect-host HOST`, or FILE with one a line, as `--format csv` writes
// them, in the form of harden-runner (`allowed-endpoints`, a whole workflow too) or of fence (`network.allowedDomains`).
import { readBounded } from '../../../access/read-file.ts';
import { asArray, asObject, asString, parseJson } from '../../../lib/json.ts';
import { UserError } from '../../../lib/user-error.ts';
import { isHostPattern } from './host-pattern.ts';

export interface ExpectedHost {
  /** A name, an address, or a pattern as `*.example.com`; lower case. */
  readonly host: string;
  /** Absent: any. */
  readonly port?: number | undefined;
  /** Where it is written: `--expect-host`, or `hosts.txt:3`. */
  readonly written: string;
  /** What fits is not expected, whatever else says so. */
  readonly isDenied?: true;
}

const hostsMax = 2_000;
/** Of lists; no name of a host ends so. */
const fileEnding = /\.(?:txt|csv|json5?|jsonc|ya?ml|conf|lst|list)$/i;
const hint =
  'Write a name, *.example.com or host:port, or name a file: one a line, csv as --format csv, allowed-endpoints of ' +
  'harden-runner, or allowedDomains of fence.';

/** Of all words of `--expect-host`, in order. @throws UserError `expect-host-invalid` (exit 2) */
export async function readExpected(words: readonly string[]): Promise<ExpectedHost[]> {
  const found: ExpectedHost[] = [];
  for (const word of words) found.push(...(await readWord(word)));
  if (found.length > hostsMax) {
    throw invalid(`${found.length} hosts are expected, at most ${hostsMax} can be`);
  }
  return found;
}

/** A word that names a file is that file, whatever it looks like. */
async function readWord(word: string): Promise<ExpectedHost[]> {
  // A pipe or a device has no size; it may have no end either.
  const read = await readBounded(word);
  if ('state' in read && read.state === 'absent') {
    const one = fileEnding.test(word) ? undefined : hostOf(word, '--expect-host');
    if (one === undefined)
      throw invalid(`--expect-host ${word} is no host, and no such file is there`);
    return [one];
  }
  if ('state' in read) throw invalid(`--expect-host ${word} is no list: ${read.why}`);
  const listed = readList(read.text, word);
  // What expects nothing would fail no run.
  if (listed.length === 0) throw invalid(`--expect-host ${word} names no host`);
  return listed;
}

/** The hosts of a text; `file` is what it is called. @throws UserError `expect-host-invalid` (exit 2) */
export function readList(text: string, file: string): ExpectedHost[] {
  const bare = text.replace(/^\uFEFF/, '');
  const lines = bare.split(/\r?\n/);
  if (/^\s*\{/.test(bare)) return readFence(bare, lines, file);
  if (lines.some((line) => endpointsKey.test(line))) return readHardenRunner(lines, file);
  if (/^"?host"?,"?port\b/.test(lines[0] ?? '')) return readCsv(lines, file);
  return readPlain(lines, file);
}

function readPlain(lines: readonly string[], file: string): ExpectedHost[] {
  return lines.flatMap((line, index) => {
    const word = line.replace(/(?:^|\s)#.*$/, '').trim();
    return word === '' ? [] : [hostAt(word, file, index + 1)];
  });
}

/** The first two columns of what `--format csv` writes. */
function readCsv(lines: readonly string[], file: string): ExpectedHost[] {
  return lines.flatMap((line, index) => {
    if (index === 0 || line.trim() === '') return [];
    const [host = '', port = ''] = line.split(',').map((cell) => cell.replace(/^"|"$/g, ''));
    return [hostAt(port === '' ? host : `${host}:${port}`, file, index + 1)];
  });
}

const endpointsKey = /^(\s*)(?:-\s+)?allowed-endpoints\s*:(.*)$/;

/** Lines, so that a snippet is read as well as a workflow, and each host has its line. */
function readHardenRunner(lines: readonly string[], file: string): ExpectedHost[] {
  const found: ExpectedHost[] = [];
  let indent: number | undefined;
  for (const [index, line] of lines.entries()) {
    const key = endpointsKey.exec(line);
    const own = line.search(/\S/);
    if (key !== null) indent = key[1]?.length ?? 0;
    else if (indent === undefined || own < 0) continue;
    else if (own <= indent) {
      indent = undefined;
      continue;
    }
    const rest = key === null ? line : (key[2] ?? '').replace(/^\s*[>|][-+\d]*/, '');
    const words = rest.replace(/\$\{\{.*?\}\}/g, ' ').replace(/(?:^|\s)#.*$/, '');
    for (const word of words.split(/[\s"',]+/).filter(Boolean)) {
      found.push(hostAt(word, file, index + 1));
    }
  }
  return found;
}

/** JSON, comments on lines of their own allowed. */
function readFence(text: string, lines: readonly string[], file: string): ExpectedHost[] {
  const bare = text.replace(/^\s*\/\/.*$/gm, '').replace(/,(\s*[}\]])/g, '$1');
  const network = asObject(asObject(parseJson(bare))?.network);
  if (network === undefined) throw invalid(`${file} has no "network" with "allowedDomains"`);
  const allowed = domains(network.allowedDomains, lines, file);
  const denied = domains(network.deniedDomains, lines, file);
  return [...allowed, ...denied.map((one) => ({ ...one, isDenied: true as const }))];
}

function domains(value: unknown, lines: readonly string[], file: string): ExpectedHost[] {
  return (asArray(value) ?? []).map((entry) => {
    const word = asString(entry) ?? '';
    const line = lines.findIndex((one) => one.includes(JSON.stringify(word))) + 1;
    return hostAt(word, file, line);
  });
}

function hostAt(word: string, file: string, line: number): ExpectedHost {
  const one = hostOf(word, `${file}:${line}`);
  if (one !== undefined) return one;
  throw invalid(`${file}:${line}: ${JSON.stringify(word.slice(0, 100))} is no host`);
}

const networkText = /^(?:[\d.]+|\[[0-9a-f:.]+\])\/\d+$/i;

/** `[scheme://]host[:port][/…]`; a scheme decides the port where none is written. A network (`10.0.0.0/8`) is no host. */
function hostOf(word: string, written: string): ExpectedHost | undefined {
  const match =
    /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[^\s:/@?#]+)(?::(\d{1,5}))?(?:\/[^\s?#]*)?$/i.exec(word);
  if (match === null || networkText.test(word)) return undefined;
  const [, scheme, name = '', digits] = match;
  const host = asInUrls(name.toLowerCase().replace(/\.$/, ''));
  const port = digits === undefined ? portOf(scheme) : Number(digits);
  if (!isHostPattern(host) || port === 0 || (port ?? 1) > 65_535) return undefined;
  return { host, port, written };
}

/** An address of IPv6 in the one spelling that hosts of a pull have. */
function asInUrls(host: string): string {
  const url = `http://${host}`;
  return host.startsWith('[') && URL.canParse(url) ? new URL(url).hostname : host;
}

function portOf(scheme: string | undefined): number | undefined {
  if (scheme === undefined) return undefined;
  return scheme.toLowerCase() === 'http' ? 80 : 443;
}

function invalid(message: string): UserError {
  return new UserError('expect-host-invalid', message, hint);
}
