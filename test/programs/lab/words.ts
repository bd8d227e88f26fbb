// What a client printed at its end, without what is chance in it: times, signatures, ports, which edge and which blob
// came first.
import { cdnNames } from '../../lib/lab/plan.ts';
import type { LabClient } from './clients.ts';

const chances: readonly (readonly [RegExp, string])[] = [
  [/\?[A-Za-z][\w-]*=(?:%[0-9A-F]{2}|[\w.~+&=()*-])*/g, ''],
  [/sha256:[0-9a-f]{64}|<digest>/g, 'DIGEST'],
  [/sha256\/[0-9a-f]{2}\/[0-9a-f]{64}/g, 'PATH'],
  [new RegExp(cdnNames.map((name) => name.replaceAll('.', '\\.')).join('|'), 'g'), 'EDGE'],
  [/\b10\.77\.0\.1[2-5]\b|\[2001:db8:77::1[2-5]\]/g, 'EDGE-ADDRESS'],
  // Clients give up after thirty seconds, the machines of the lab may do so before.
  [/connect: connection timed out/g, 'i/o timeout'],
  [/\b10\.77\.1\.1:\d+|<address>(?=->)/g, 'HERE'],
  [/\d{4}-\d\d-\d\dT[\d:]+Z|<time>/g, 'TIME'],
];

/** '' for what went well. */
export function lastWordsOf(client: LabClient, code: number, stderr: string): string {
  if (code === 0) return '';
  return withoutChance(spoken[client](stderr).trim());
}

const spoken: Readonly<Record<LabClient, (stderr: string) => string>> = {
  podman: (stderr) => stderr.slice(stderr.lastIndexOf('\nError: ') + 1).replace(/^Error: /, ''),
  skopeo: messageOf,
  // What CRI puts before it is not of the library.
  containerd: (stderr) =>
    stderr.replace(/^.*?: (?:rpc error: .*? = )?failed to pull and unpack image "[^"]*": /, ''),
  docker: (stderr) => stderr.trim().split('\n').at(-1) ?? '',
};

/** What `doctor` says that the client prints at its end; '' where it says nothing. */
export function ourWordsOf(client: LabClient, clientSays = ''): string {
  const last = client === 'podman' ? spoken.podman(`\n${clientSays}`) : clientSays;
  return withoutChance(last.trim());
}

function withoutChance(words: string): string {
  let text = words;
  for (const [chance, stands] of chances) text = text.replaceAll(chance, stands);
  return text;
}

/** Of the line of logrus that is its last (`time="…" level=fatal msg="…"`). */
function messageOf(stderr: string): string {
  const quoted = / level=fatal msg=("(?:[^"\\]|\\.)*")/.exec(stderr)?.[1];
  return quoted === undefined ? stderr : (JSON.parse(quoted) as string);
}
