// What is wrong with the configuration, as src/access finds it, by its ids.

import type { ConfigProblem } from '../../../access/route.ts';
import { writtenText } from '../../../access/written.ts';
import type { Facts } from '../../facts.ts';
import { type Trouble, troublesOf } from './troubles.ts';

/** Of the route, and of credentials and trust of every endpoint; each once. */
export function problemsOf({ route }: Facts, ids: RegExp): ConfigProblem[] {
  const endpoints = route.candidates.flatMap((candidate) => candidate.endpoints);
  const all = [
    ...route.problems,
    ...endpoints.flatMap(({ credentials, trust }) => [...credentials.problems, ...trust.problems]),
  ];
  return distinct(all.filter(({ id }) => ids.test(id)));
}

/** Of the credentials of the endpoint where something was refused. */
export function credentialProblems({ endpoint }: Trouble, ids: RegExp): ConfigProblem[] {
  return distinct((endpoint?.credentials.problems ?? []).filter(({ id }) => ids.test(id)));
}

export function trustProblems({ endpoint }: Trouble, ids: RegExp): ConfigProblem[] {
  return distinct((endpoint?.trust.problems ?? []).filter(({ id }) => ids.test(id)));
}

function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [
    ...new Map(problems.map((one) => [`${writtenText(one.written)} ${one.id}`, one])).values(),
  ];
}

/** The pull went through, at first or in the end. */
export function isPullable(facts: Facts): boolean {
  return facts.pulls.length > 0 && troublesOf(facts).every(({ isHealed }) => isHealed);
}
