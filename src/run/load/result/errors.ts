// The failures of a run as its results list them: counted by kind and place, each with an example, what there
// is to show for it, and a hint.
import type { LoadError, LoadEvidence, LoadResult } from '../../../../reports/results.ts';
import { type Pulled, wordsOf } from '../../../profiles/words/index.ts';
import { imageName } from '../../../profiles/words/speech.ts';
import { hintOf } from '../../../protocol/failure.ts';
import type { FailureEvidence } from '../../../protocol/failure-evidence.ts';
import {
  type FailureGroup,
  type FailureKind,
  type Failures,
  kindKey,
} from '../timeline/failures.ts';
import type { Told, ToldFailure } from './told.ts';

const errorsShownMax = 50;

/** Who says it: the client that is played, of a mix the first, and what is pulled. */
export interface Speaker {
  readonly client: string;
  readonly images: readonly Pulled[];
}

const nobody: Speaker = { client: '', images: [] };

/** Failures of a kind each, the most frequent first. */
export function errorsOf(
  groups: readonly FailureGroup[],
  told: Told,
  speaker: Speaker = nobody,
): LoadError[] {
  return shown(groups).map((group) => {
    const failure = told.of(group);
    const clientSays = failure && saysOf(failure, group, speaker);
    return {
      ...whatOf(group),
      example: failure?.message ?? '',
      hint: hintOf(group),
      ...(clientSays !== undefined && { clientSays }),
      ...(failure?.evidence !== undefined && { evidence: shownOf(failure.evidence, group) }),
    };
  });
}

/** What was tried again. The client says nothing of it. */
export function retriedOf(groups: readonly FailureGroup[], told: Told): LoadError[] {
  return errorsOf(groups, told).map(({ clientSays, ...error }) => error);
}

/** The one failure of a set-up. */
export function errorOf(failure: ToldFailure, speaker: Speaker, told: Told): LoadError[] {
  told.add(failure);
  return errorsOf([{ ...failure, count: 1 }], told, speaker);
}

function shown(groups: readonly FailureGroup[]): FailureGroup[] {
  return [...groups].sort((a, b) => b.count - a.count).slice(0, errorsShownMax);
}

function whatOf({ class: kind, count, reason, hop, host, phase, status }: FailureGroup) {
  return {
    class: kind,
    count,
    ...(reason !== undefined && { reason }),
    ...(hop !== undefined && { hop }),
    ...(host !== undefined && { host }),
    ...(phase !== undefined && { phase }),
    ...(status !== undefined && { status }),
  };
}

/** What is shown of the evidence. Of an error's body, and of a part, the descriptor does not tell the length. */
function shownOf(evidence: FailureEvidence, { status }: FailureKind): LoadEvidence {
  const { method, url, address, contentType, body, bytes, bytesAnnounced } = evidence;
  const bytesExpected =
    status === 200 ? (evidence.bytesExpected ?? bytesAnnounced) : bytesAnnounced;
  return {
    ...{ method, url, address, contentType, body, bytes },
    ...(bytesExpected !== undefined && { bytesExpected }),
  };
}

/** What the client prints of a failure; of a mix, the client that met it. */
function saysOf(failure: ToldFailure, group: FailureGroup, speaker: Speaker): string | undefined {
  const { evidence } = failure;
  // A client whose pull hangs says nothing yet.
  if (evidence === undefined || failure.class === 'interrupted') return undefined;
  const [first, another] = speaker.images;
  const named = speaker.images.find((one) => imageName(one) === failure.image);
  const image = named ?? (another === undefined ? first : undefined) ?? unnamed(group);
  const { phase = '', hop = '', host = '', status = 0 } = { ...group, ...failure };
  const met = { class: failure.class, reason: failure.reason, phase, hop, host, status, evidence };
  return wordsOf(failure.client ?? speaker.client, image, met);
}

/** Where nobody knows better: of many images none is told apart. */
function unnamed({ host = '<registry>' }: FailureGroup): Pulled {
  return {
    registry: host,
    registryUrl: `https://${host}`,
    repository: '<repository>',
    reference: '<tag>',
  };
}

/** Those that were told, with those that were found at the end. */
export function together(
  failures: Failures,
  found: readonly FailureGroup[],
): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const group of [...failures.groups(), ...found]) {
    const key = kindKey(group);
    groups.set(key, { ...group, count: group.count + (groups.get(key)?.count ?? 0) });
  }
  return [...groups.values()];
}

/** Counts of the same kind together; the first example of each stays. */
export function addedUp(each: readonly LoadResult['errors'][]): LoadResult['errors'] {
  const known = new Map<string, LoadError>();
  for (const one of each.flat()) {
    const key = kindKey(one as FailureKind);
    const earlier = known.get(key);
    const told = earlier === undefined || earlier.example === '' ? one : earlier;
    known.set(key, { ...told, count: one.count + (earlier?.count ?? 0) });
  }
  return [...known.values()].sort((a, b) => b.count - a.count);
}

export function countOf(errors: readonly { readonly count: number }[]): number {
  let sum = 0;
  for (const { count } of errors) sum += count;
  return sum;
}
