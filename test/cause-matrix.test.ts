// The cause matrix: each cause is found in its own situation and in no other, as each client pulls; what is found beside
// it stands in the row, with the reason. A healthy pull has none.
import { describe, expect, test } from 'vitest';
import type { SpokenBy } from '../src/doctor/causes/cause.ts';
import { causes, findCauses } from '../src/doctor/causes/index.ts';
import { wordsOf } from '../src/profiles/words/index.ts';
import { access } from './cause-matrix/access.ts';
import { answers } from './cause-matrix/answers.ts';
import { type CauseCase, everyClient } from './cause-matrix/case.ts';
import { certificates } from './cause-matrix/certificates.ts';
import { healthy } from './cause-matrix/healthy.ts';
import { network } from './cause-matrix/network.ts';
import { examineWorld } from './lib/doctor-world.ts';

const cases = [...network, ...certificates, ...access, ...answers];

async function examined({ situation }: CauseCase, client: string) {
  const made = typeof situation === 'function' ? await situation(client) : situation;
  const { facts } = await examineWorld({ client, ...made });
  return { facts, found: findCauses(facts) };
}

const known = new Map<string, ReturnType<typeof examined>>();

/** Each row is examined once a client. */
function foundIn(row: CauseCase, client: string): ReturnType<typeof examined> {
  const key = `${row.cause}: ${row.what}, ${client}`;
  const made = known.get(key) ?? examined(row, client);
  known.set(key, made);
  return made;
}

const rows = (all: readonly CauseCase[]) =>
  all.flatMap((row) =>
    (row.clients ?? everyClient).map(
      (client) => [`${row.cause}: ${row.what}`, client, row] as const,
    ),
  );

describe('every cause', () => {
  test.each(rows(cases))('%s, %s', async (_, client, row) => {
    const { found } = await foundIn(row, client);
    const ids = [...new Set(found.map(({ cause }) => cause.id))].sort();
    expect(ids).toEqual([row.cause, ...Object.keys(row.also ?? {})].sort());
    const own = found.find(({ cause }) => cause.id === row.cause)?.found;
    expect(own?.certainty).toBe(row.certainty ?? 'certain');
    expect(own?.isHarmless ?? false).toBe(row.isHarmless ?? false);
    expect(own?.evidence.length).toBeGreaterThan(0);
    for (const { found: one } of found) {
      expect(one.at).not.toBe('');
      expect(one.certainty === 'possible').toBe(one.wouldTell !== undefined);
    }
  });
});

test('a digest that the registry itself named is told as such', async () => {
  for (const client of ['podman', 'containerd']) {
    const { facts } = await examineWorld({ client, mock: { faults: ['digest-unreachable'] } });
    const [{ found } = { found: undefined }] = findCauses(facts);
    expect(found?.at).toMatch(/^registry\.test\/demo\/app sha256:/);
    expect(found?.evidence.join('\n')).toContain('the registry itself named this digest');
  }
});

test('every cause has a row', () => {
  const without = causes.filter(({ id }) => !cases.some(({ cause }) => cause === id));
  expect(without.map(({ id }) => id)).toEqual([]);
});

test.each(rows(healthy))('a healthy pull%s, %s', async (_, client, row) => {
  const { facts, found } = await foundIn(row, client);
  expect(facts.pulls.map(({ failure }) => failure?.message)).toEqual(
    facts.pulls.map(() => undefined),
  );
  expect(found.map(({ cause, found: one }) => [cause.id, ...one.evidence])).toEqual([]);
});

/** What a client prints of a row, where it gets as far as to ask somebody; of what was passed over, too. */
async function wordsIn(row: CauseCase, client: string): Promise<(string | undefined)[]> {
  const { facts } = await foundIn(row, client);
  const [pull] = facts.pulls;
  const last = pull?.exchanges.at(-1)?.endpoint;
  if (pull === undefined || last === undefined) return [];
  const ended = pull.failure === undefined ? [] : [{ endpoint: last, failure: pull.failure }];
  return [...ended, ...pull.passedOver].map(({ endpoint, failure }) => {
    const { registry, url: registryUrl, repository, reference } = endpoint;
    const { resolvesTo } = pull;
    return wordsOf(client, { registry, registryUrl, repository, reference, resolvesTo }, failure);
  });
}

/** `<a|b>` is one of these, `<…>` and `<url>` anything. */
function patternOf(says: string): RegExp {
  const source = says.split(/(<[^<>]*>)/).map((part, at) => {
    if (at % 2 === 0) return literal(part);
    const inner = part.slice(1, -1);
    if (!inner.includes('|')) return '[\\s\\S]*';
    return `(?:${inner.split('|').map(literal).join('|')})`;
  });
  return new RegExp(`^${source.join('')}$`);
}

const literal = (text: string) =>
  text
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('[\\s\\S]*');

/** Words that no row can bring about, and why. */
const unheard: Readonly<Record<string, string>> = {
  'ipv6-black-hole': 'the scripted network falls back to IPv4',
  'certificate-without-san': 'of a wrong name nobody says which kind it is',
  'not-http': 'our own words for it are not those of Go',
  'short-name': 'nobody is asked',
  'registries-conf-v1': 'nobody is asked',
  'configuration-broken': 'nobody is asked',
  'registry-blocked-here': 'nobody is asked',
  'credential-helper': 'nobody is asked',
  'signature-policy': 'the client decides by itself',
  'policy-unusable': 'nobody is asked',
};

const speakers = {
  podman: 'podman',
  docker: 'docker',
  containerd: 'containerd',
  kubelet: 'kubelet-containerd',
};

describe('what clients print', () => {
  test.each(
    causes.filter(({ id }) => unheard[id] === undefined).map((one) => [one.id, one] as const),
  )('%s', async (id, { says }) => {
    for (const [speaker, text] of Object.entries(says)) {
      // kubelet says what containerd says, with its own in front.
      const isQuoted = says.kubelet?.endsWith(text) === true;
      const clients = [speakers[speaker as SpokenBy], ...(isQuoted ? ['kubelet-containerd'] : [])];
      const own = cases.filter(({ cause }) => cause === id);
      const heard = await Promise.all(
        own.flatMap((row) =>
          (row.clients ?? everyClient)
            .filter((client) => clients.includes(client))
            .map((client) => wordsIn(row, client)),
        ),
      );
      if (heard.length === 0) continue;
      const bare = isQuoted
        ? new RegExp(`(?:^|: )${patternOf(text).source.slice(1)}`)
        : patternOf(text);
      expect(
        heard.flat().some((words) => bare.test(words ?? '')),
        `${speaker}: ${text}\n${heard.flat().join('\n')}`,
      ).toBe(true);
    }
  });

  test('what is not heard in a row is not', async () => {
    expect(Object.keys(unheard).filter((id) => !causes.some((one) => one.id === id))).toEqual([]);
  });
});
