// What a check needs, whether the survey found it, and what its absence means.
import type { Verdict } from '../../../reports/results.ts';
import type { Check, CheckContext, Facts, Need } from '../../checks/check.ts';

interface NeedRule {
  held(facts: Facts, context: CheckContext): boolean;
  readonly verdict: 'void' | 'unsupported';
  readonly absence: string;
}

const needs: Readonly<Record<Need, NeedRule>> = {
  reference: {
    held: ({ unpushed }) => unpushed === undefined,
    verdict: 'void',
    absence: 'there is nothing to read',
  },
  top: {
    held: (facts) => facts.top !== undefined,
    verdict: 'void',
    absence: 'the manifest of the reference could not be read',
  },
  index: {
    held: (facts) => facts.index !== undefined,
    verdict: 'unsupported',
    absence: 'the reference names a single manifest, not an index',
  },
  image: {
    held: (facts) => facts.image !== undefined,
    verdict: 'void',
    absence: 'no manifest of an image could be read',
  },
  challenge: {
    held: (facts) => facts.challenged !== undefined,
    verdict: 'unsupported',
    absence: 'the registry asks for no authentication',
  },
  bearer: {
    held: (facts) => /bearer/i.test(facts.challenged?.reply.header('WWW-Authenticate') ?? ''),
    verdict: 'unsupported',
    absence: 'the registry uses no bearer tokens',
  },
  push: {
    held: (_, { mayPush }) => mayPush,
    verdict: 'unsupported',
    absence: 'the run may not push',
  },
  redirect: {
    held: (facts) => facts.redirect !== undefined,
    verdict: 'unsupported',
    absence: 'the registry serves blobs itself',
  },
};

/** The verdict over a check that lacks something; undefined when it lacks nothing. */
export function lackOf(
  check: Check,
  context: CheckContext,
): { readonly verdict: Verdict; readonly actual: string } | undefined {
  const { facts } = context;
  for (const need of check.needs) {
    const { held, verdict, absence } = needs[need];
    if (held(facts, context)) continue;
    // Where our own survey broke, nothing is known of the registry.
    if (facts.defect !== undefined) return { verdict: 'harness-error', actual: facts.defect };
    if (verdict === 'void' && facts.unpushed !== undefined) {
      return { verdict, actual: facts.unpushed };
    }
    const because = verdict === 'void' && facts.problem !== undefined ? `: ${facts.problem}` : '';
    return { verdict, actual: absence + because };
  }
  return undefined;
}
