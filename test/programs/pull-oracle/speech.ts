// What the program said of its failure beside what our report says that it says (clientSays): the same, but for
// digests, addresses, times and what URLs have behind their path.
import { wordsOf } from '../../../src/profiles/words/index.ts';
import type { FailureEvidence } from '../../../src/protocol/failure-evidence.ts';
import type { Cell } from './matrix.ts';

export interface Said {
  readonly program: string;
  readonly profile: string;
}

/** Undefined where they say the same, or not both sides failed. */
export function saidApart({
  client,
  program,
  profile,
}: Pick<Cell, 'client' | 'program' | 'profile'>): Said | undefined {
  const { failure } = profile;
  if (program.error === undefined || failure === undefined) return undefined;
  const text = (name: string) => String(failure[name] ?? '');
  const registry = /"?([\w.-]+:\d+)\/demo/.exec(text('image'))?.[1] ?? 'registry.test:5000';
  const image = {
    registry,
    registryUrl: `https://${registry}`,
    repository: 'demo/app',
    reference: 'latest',
    resolvesTo: 'index',
  } as const;
  const words = wordsOf(client, image, {
    class: text('pullFailure'),
    reason: text('reason') || undefined,
    phase: text('phase'),
    hop: text('hop'),
    host: text('host'),
    status: Number(text('status')),
    evidence: failure.evidence as FailureEvidence,
  });
  const [theirs, ours] = [program.error, words ?? 'nothing'].map(plain) as [string, string];
  return theirs === ours ? undefined : { program: theirs, profile: ours };
}

/** What is chance in them, or not to be shown, taken out. */
const chances: readonly (readonly [RegExp, string])[] = [
  [/\?[A-Za-z][\w-]*=(?:%[0-9A-F]{2}|[\w.~+&=()*-])*/g, ''],
  [/sha256:[0-9a-f]{64}|<digest>/g, 'DIGEST'],
  [/sha256\/[0-9a-f]{2}\/[0-9a-f]{64}/g, 'PATH'],
  [/\b127\.0\.0\.\d+:\d+/g, 'ADDRESS'],
  [/\b(test|localhost):\d{4,5}\b/g, '$1'],
  [/\b(?:read|write) tcp ADDRESS->ADDRESS: (?:read|write)\b/g, 'read tcp ADDRESS: read'],
  [/(?:\/[\w.-]+)+\/image\.tar|<file>/g, 'FILE'],
  [/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME'],
  [/(?:@|progress @) ?(?:[\d.]+|<time>) ms/g, 'TIME'],
  [/[sS]tream(?: ID |ID=)\d+/g, 'STREAM'],
];

function plain(words: string): string {
  let text = words;
  for (const [chance, stands] of chances) text = text.replaceAll(chance, stands);
  return text;
}
