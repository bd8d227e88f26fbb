// GitLab's code quality report: a JSON array of issues, empty when there is nothing to say.
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format

import { doctorFindings } from './doctor-words.ts';
import { documentFingerprints, fingerprint } from './fingerprint.ts';
import { renderJson } from './json.ts';
import type { RenderOptions } from './options.ts';
import { filePlace, nameInCheckout } from './place.ts';
import { messageAlone } from './referred-by.ts';
import type { DocumentResult, Finding, Results } from './results.ts';
import { attention, isFailing } from './summary.ts';
import { visible } from './untrusted.ts';

interface Issue {
  description: string;
  check_name: string;
  /** No two issues have the same. */
  fingerprint: string;
  severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  location: { path: string; lines: { begin: number } };
}

const severities: Record<Finding['level'], Issue['severity']> = {
  error: 'major',
  warning: 'minor',
  note: 'info',
};

/** Findings, checks and objectives that do not hold; what is no file is named in place of one. */
export function renderGitlab(
  results: Results,
  { checkout }: Pick<RenderOptions, 'checkout'>,
): string {
  const { documents = [], checks = [], load, doctor, target } = results;
  const prints = documentFingerprints(documents, checkout);
  const issues = [
    ...documents.flatMap((document, at) => findingIssues(document, prints[at] ?? [], checkout)),
    ...attention(checks).map((check) =>
      targetIssue(target, check.id, isFailing(check) ? 'major' : 'minor', [
        check.requirement,
        `Expected: ${check.expected}. Actual: ${check.actual}.`,
      ]),
    ),
    ...(load?.slo ?? [])
      .filter(({ held }) => !held)
      .map(({ expression, observed }) =>
        targetIssue(target, `slo ${expression}`, 'major', [`Missed: observed ${observed}.`]),
      ),
    ...(doctor ? doctorFindings(doctor) : []).map(({ id, level, title, at, evidence, remedy }) =>
      targetIssue(`${target}: ${at}`, id, level === 'error' ? 'major' : 'minor', [
        `${title} (${at}).`,
        ...evidence,
        ...remedy,
      ]),
    ),
  ];
  return renderJson(issues);
}

/** Accepted findings are none that a merge request brings. */
function findingIssues(
  document: DocumentResult,
  prints: readonly string[],
  checkout: RenderOptions['checkout'],
): Issue[] {
  const { path, findings } = document;
  const place = filePlace(path);
  const file = place === undefined ? path : nameInCheckout(place.file, checkout);
  const inside = place?.inside === undefined ? '' : `${place.inside}: `;
  return findings.flatMap((finding, at) => {
    if (finding.accepted === true) return [];
    const begin = inside === '' ? finding.line : 1;
    return {
      description: visible(`${inside}${messageAlone(document, finding)} (${finding.spec})`),
      check_name: visible(finding.ruleId),
      fingerprint: prints[at] ?? '',
      severity: severities[finding.level],
      location: { path: visible(file), lines: { begin } },
    };
  });
}

function targetIssue(
  target: string,
  name: string,
  severity: Issue['severity'],
  words: readonly string[],
): Issue {
  return {
    description: visible(words.join(' ')),
    check_name: visible(name),
    fingerprint: fingerprint(name, target),
    severity,
    location: { path: visible(target), lines: { begin: 1 } },
  };
}
