import { describe, expect, test } from 'vitest';
import { profiles } from './index.ts';
import { wordsOfClient } from './words.ts';

/** What an operator meets most; of other classes some clients have no words of their own. */
const everyday = [
  'dns',
  'refused',
  'dial-timeout',
  'tls',
  'reset',
  'short-body',
  'wrong-digest',
  'unauthorized',
  'denied',
  'manifest-unknown',
  'blob-unknown',
  'rate-limited',
  'server-error',
  'platform-missing',
];
/** Their error texts are in no source that we have read. */
const silent = ['regclient', 'oras'];

describe.each(Object.keys(profiles))('%s', (name) => {
  test('says something of its own for everyday failures', () => {
    for (const kind of everyday) {
      const words = wordsOfClient({ client: name }, kind);
      const hint = `${kind}: add what ${name} says to src/profiles/words.ts, or ${name} to silent above`;
      if (silent.includes(name)) expect(words, hint).toBeUndefined();
      else expect(words ?? '', hint).toMatch(/\w{3}/);
    }
  });
});

test('nobody has words for what does not exist', () => {
  expect(wordsOfClient({ client: 'podman' }, 'no-such-class')).toBeUndefined();
  expect(wordsOfClient({ client: 'no-such-client' }, 'dns')).toBeUndefined();
});

test('the image is named where it is known', () => {
  const image = { registry: '127.0.0.1:5000', repository: 'team/app', reference: '1.0' };
  expect(wordsOfClient({ client: 'containerd', image }, 'manifest-unknown')).toContain(
    '"127.0.0.1:5000/team/app:1.0"',
  );
  expect(wordsOfClient({ client: 'podman', image }, 'dns')).toContain('lookup 127.0.0.1:');
});

test('no letter is left standing for something', () => {
  for (const client of Object.keys(profiles)) {
    for (const kind of everyday) {
      expect(wordsOfClient({ client }, kind) ?? '', `${client} ${kind}`).not.toMatch(/\b[A-Z]\b/);
    }
  }
});
