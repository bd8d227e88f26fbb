// The failures of a run as its results list them: counted by class, each with an example and a hint.
import type { LoadResult } from '../../../../reports/results.ts';
import { asObject, asString, parseJson } from '../../../lib/json.ts';
import { type Speaker, wordsOfClient } from '../../../profiles/words.ts';
import { hintOf } from '../../../protocol/failure.ts';
import { sumOf } from '../timeline/line.ts';
import type { RunFacts } from './result.ts';

/** A failure class with how often it struck and one example. */
type Errors = LoadResult['errors'];

const errorsShownMax = 50;

/**
 * Failures by class, with the pulls or pushes that were started and never ended: k6 gave them up after its grace
 * period, so they failed by taking too long, unless the user stopped the run. `unsuccessful` is started
 * less ok.
 */
export function failuresOf(
  told: ReadonlyMap<string, number>,
  unsuccessful: number,
  { aborted }: Pick<RunFacts, 'aborted'>,
): ReadonlyMap<string, number> {
  const errors = new Map(told);
  const cut = unsuccessful - sumOf(told);
  if (cut > 0 && !aborted) errors.set('interrupted', (errors.get('interrupted') ?? 0) + cut);
  return errors;
}

/** Failures by class with an example and a hint, the most frequent first. */
export function errorsOf(
  counts: ReadonlyMap<string, number>,
  examples: ReadonlyMap<string, string>,
  speaker: Speaker = { client: '' },
): Errors {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, errorsShownMax)
    .map(([kind, count]) => {
      const clientSays = wordsOfClient(speaker, kind);
      return {
        class: kind,
        count,
        example: examples.get(kind) ?? '',
        hint: hintOf({ class: kind }),
        ...(clientSays !== undefined && { clientSays }),
      };
    });
}

/** The first message of each failure class in k6's log (see scenarios/lib/pull.ts and push.ts). */
export function examplesOf(
  log: string,
  of: 'pullFailure' | 'pushFailure' = 'pullFailure',
): Map<string, string> {
  const examples = new Map<string, string>();
  for (const line of log.split('\n')) {
    const told = asObject(parseJson(asString(asObject(parseJson(line))?.msg) ?? ''));
    const kind = asString(told?.[of]);
    if (kind !== undefined && !examples.has(kind))
      examples.set(kind, asString(told?.message) ?? '');
  }
  return examples;
}
