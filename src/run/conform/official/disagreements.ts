// Where the official suite and our checks say different things of the same part of the API or kind of content.
import type { CheckResult, OfficialDisagreement } from '../../../../reports/results.ts';
import { matchesAny } from '../../../lib/globs.ts';
import { type Feature, features } from './features.ts';
import type { OfficialCases, OfficialResults, OfficialStatus } from './read-results.ts';

type Ours = OfficialDisagreement['ours'] | 'not judged';

/** Pairs that say the same, or of which one says nothing. */
const agreeing: Readonly<Record<OfficialStatus, readonly Ours[]>> = {
  Pass: ['holds', 'not judged', 'not asked'],
  FAIL: ['fails', 'not judged'],
  Error: ['fails', 'not judged'],
  Skip: ['not offered', 'not judged', 'not asked'],
  // Nobody asked the suite.
  Disabled: ['holds', 'fails', 'not offered', 'not judged', 'not asked'],
};

/** Names that are listed of each side; they are counted in full. */
const namesMax = 20;

export interface Comparison {
  /** Entries of the official results of which both say the same. */
  readonly agreed: number;
  readonly disagreements: OfficialDisagreement[];
}

/** `checks`: results of our run, of the first image. */
export function compareWithOfficial(
  official: Pick<OfficialResults, 'apis' | 'data'>,
  cases: OfficialCases,
  checks: readonly CheckResult[],
): Comparison {
  const disagreements: OfficialDisagreement[] = [];
  let agreed = 0;
  for (const feature of knownAndNew(official)) {
    const status = (feature.kind === 'api' ? official.apis : official.data)[feature.name];
    if (status === undefined) continue;
    const about = checks.filter(({ id }) => isAbout(feature, id));
    const ours = verdictOn(feature, about);
    if (agreeing[status].includes(ours)) {
      if (status !== 'Disabled' && ours !== 'not judged' && ours !== 'not asked') agreed++;
      continue;
    }
    const failing = cases.failing.filter((name) => matchesAny(feature.cases, name));
    const failingChecks = about.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    disagreements.push({
      kind: feature.kind,
      name: feature.name,
      official: status,
      ours: ours as OfficialDisagreement['ours'],
      cases: failing.slice(0, namesMax),
      caseCount: failing.length,
      checks: failingChecks.slice(0, namesMax),
      checkCount: failingChecks.length,
    });
  }
  return { agreed, disagreements };
}

/** A later suite may report on more than the table has. */
function knownAndNew({ apis, data }: Pick<OfficialResults, 'apis' | 'data'>): Feature[] {
  const more = (kind: Feature['kind'], names: readonly string[]) =>
    names
      .filter((name) => !features.some((one) => one.kind === kind && one.name === name))
      .map((name) => ({ name, kind, cases: [], checks: [] }));
  return [...features, ...more('api', Object.keys(apis)), ...more('data', Object.keys(data))];
}

export function isAbout({ checks, but = [] }: Feature, id: string): boolean {
  return matchesAny(checks, id) && (checks[0] === id || !matchesAny(but, id));
}

function verdictOn({ checks: [lead] }: Feature, about: readonly CheckResult[]): Ours {
  if (about.length === 0) return 'not asked';
  const has = (verdict: CheckResult['verdict']) => about.some((one) => one.verdict === verdict);
  if (has('fail')) return 'fails';
  const offered = about.find(({ id }) => id === lead)?.verdict;
  if (offered === 'unsupported') return 'not offered';
  if (has('pass') || has('warn')) return 'holds';
  return has('unsupported') ? 'not offered' : 'not judged';
}
