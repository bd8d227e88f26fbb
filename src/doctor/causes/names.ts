// What the configuration makes of the name of the image, before anything is asked.

import type { Candidate, ConfigProblem, Looked } from '../../access/route.ts';
import { writtenText } from '../../access/written.ts';
import type { Facts } from '../facts.ts';
import type { Cause, Found } from './cause.ts';
import { problemsOf } from './kit/problems.ts';
import { isKind, metLine, troublesOf } from './kit/troubles.ts';

const unresolved = 'short-name-unresolved';
const noAnswer = (facts: Facts) => facts.pulls.length === 0;

function candidateLine({ name, how, written }: Candidate): string {
  return `${name} (${how}, ${writtenText(written)})`;
}

const shortName: Cause = {
  id: 'short-name',
  title: 'The short name does not lead to the image that is meant',
  explanation:
    'The name has no registry. Which one is asked depends on aliases and `unqualified-search-registries` of this machine: none may be set, several may want a person to choose (and there is no terminal), or the first that is asked is another than meant.',
  says: {
    podman:
      '<short-name resolution enforced but cannot prompt without a TTY|short-name "<image>" did not resolve to an alias and no …>',
  },
  decidedBy:
    'The alias and its file, or the candidates with the file that lists them, and what each registry says of the name.',
  remedy: [
    'Write the full name: registry, namespace, repository and tag.',
    'Or add an alias (`[aliases]` in registries.conf.d), or `unqualified-search-registries`.',
  ],
  who: 'you',
  seenIn: [
    'containers/podman#9390',
    'containers/podman#9585',
    'containers/podman#11530',
    'containers/podman#12933',
    'containers/podman#16417',
    'containers/podman-desktop#17148',
  ],
  find: (facts) => {
    const { candidates, ambiguous, text, files } = facts.route;
    const listed = candidates.map(candidateLine);
    if (ambiguous?.refused === true) {
      const why = `${writtenText(ambiguous.written)} wants a person to choose, and there is no terminal`;
      return { at: text, certainty: 'certain', evidence: [why, ...listed] };
    }
    if (candidates.length === 0) {
      const broken = fatal(facts);
      if (broken.some(({ id }) => id !== unresolved)) return undefined;
      const isRead = ({ state }: Looked) => state === 'used' || state === 'no match';
      const read = files.filter(isRead).map(({ path }) => path);
      const evidence = [
        broken[0]?.message ?? `no alias and no registry to search for ${JSON.stringify(text)}`,
        read.length === 0 ? 'no configuration file was found' : `read: ${read.join(', ')}`,
      ];
      return { at: text, certainty: 'certain', evidence };
    }
    return ofSearch(facts, listed);
  },
};

/** Registries that were asked because a list names them, and do not have the image. */
function ofSearch(facts: Facts, listed: readonly string[]): Found | undefined {
  const { candidates, text } = facts.route;
  const trouble = troublesOf(facts).find(
    ({ failure, isHealed }) =>
      !isHealed && isKind(failure, 'manifest-unknown', 'unauthorized', 'denied'),
  );
  if (trouble === undefined || !candidates.every(({ how }) => how === 'search')) return undefined;
  return {
    at: text,
    certainty: 'possible',
    wouldTell: 'the full name of the image, with its registry',
    evidence: [metLine(trouble.failure), ...listed],
  };
}

const fatal = (facts: Facts) => problemsOf(facts, /./).filter(({ isFatal }) => isFatal);
/** These have causes of their own. */
const isElsewhere = ({ id }: ConfigProblem) =>
  /^(?:registries-conf-v1$|helper-|policy-|pull-secret-|mirrors-with-config-path$|short-name-)/.test(
    id,
  );

const registriesConfV1: Cause = {
  id: 'registries-conf-v1',
  title: 'registries.conf is written in the old form (version 1)',
  explanation:
    'The tables `[registries.search]`, `[registries.insecure]` and `[registries.block]` are of version 1. Podman 6 and what came with it end there, earlier ones read it as long as nothing of version 2 stands beside it.',
  says: {
    podman: '<…>registries.conf must be in v2 format but is in v1',
  },
  decidedBy: 'File and line of the old table, and the rules of the chosen client.',
  remedy: [
    'Write `unqualified-search-registries = ["…"]` and `[[registry]]` with `location`, `insecure`, `blocked` in place of the tables.',
  ],
  who: 'host administrator',
  seenIn: ['ddev/ddev#8526', 'cockpit-project/cockpit-ostree#1117'],
  find: (facts) =>
    problemsOf(facts, /^registries-conf-v1$/).map(({ written, message, isFatal }) => ({
      at: writtenText(written),
      certainty: 'certain',
      isHarmless: !isFatal,
      evidence: [message],
    })),
};

const configurationBroken: Cause = {
  id: 'configuration-broken',
  title: 'A configuration file cannot be read, and the client ends there',
  explanation:
    'A file that the client reads before it asks anybody is not well formed, or says what the client does not take. It ends with an error before the first request.',
  says: {
    podman: '<…>loading registries configuration "<file>": toml: <what is wrong>',
  },
  decidedBy: 'File and line, what is wrong there, and that the client does not go on.',
  remedy: ['Mend the file at that line, or take it away.'],
  who: 'host administrator',
  seenIn: [],
  find: (facts) =>
    fatal(facts)
      // What is about the name that was given is no file's fault, and told as it is.
      .filter((one) => !isElsewhere(one) && !one.id.startsWith('reference-'))
      .map(({ written, message, hint }) => ({
        at: writtenText(written),
        certainty: 'certain',
        evidence: [message],
        remedy: [hint],
      })),
};

const registryBlockedHere: Cause = {
  id: 'registry-blocked-here',
  title: 'The configuration of this machine blocks the registry',
  explanation:
    'An entry of registries.conf has `blocked = true` for this name, so that the client refuses to ask. No network is involved.',
  says: {
    podman: 'initializing source docker://<image>: registry <prefix> is blocked in one of <files>',
  },
  decidedBy: 'The entry that applies, with file and line.',
  remedy: ['Take `blocked = true` out of this entry, or pull from where the machine is meant to.'],
  who: 'host administrator',
  seenIn: [],
  find: (facts) => {
    const blocked = facts.route.candidates.filter((one) => one.blocked !== undefined);
    const isAll = blocked.length > 0 && blocked.length === facts.route.candidates.length;
    if (!isAll && !(blocked.length > 0 && noAnswer(facts))) return undefined;
    return blocked.map(({ name, blocked: written }) => ({
      at: name,
      certainty: 'certain',
      evidence: [
        `blocked by ${written === undefined ? 'the configuration' : writtenText(written)}`,
      ],
    }));
  },
};

export const names = [shortName, registriesConfV1, configurationBroken, registryBlockedHere];
