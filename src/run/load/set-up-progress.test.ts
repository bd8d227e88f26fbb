// What the set-up says while it waits.
import { expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../../protocol/client.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { parseImage } from '../target.ts';
import { SetUpProgress } from './set-up-progress.ts';

const client = profiles.containerd as ClientProfile;
const image = parseImage('r.example/team/app:1', false);

function limited(repository: string): PullFailure {
  const url = `https://r.example/v2/${repository}/manifests/1`;
  const request = requestOf({ url });
  return new PullFailure('rate-limited', request, 429, `GET ${url}: HTTP 429`);
}

test('names the image, what was answered, how long it waits and which try comes', () => {
  const said: string[] = [];
  let nowMs = 0;
  const progress = new SetUpProgress(
    1,
    client,
    (line) => said.push(line),
    () => nowMs,
  );
  progress.begin(image);
  nowMs = 3000;
  expect(progress.line()).toContain('locating r.example/team/app:1, 3 s');
  const after = limited('team/app');
  progress.onWait({ waitMs: 60_000, why: 'retry-after', after });
  expect(said).toHaveLength(1);
  for (const part of ['r.example/team/app:1', '429 from r.example', '60 s', '(2 of ']) {
    expect(said[0]).toContain(part);
  }
  nowMs += 20_000;
  expect(progress.line()).toContain('trying again in 40 s');
  expect(progress.after).toBe(after);
  progress.onWait({ waitMs: 60_000, why: 'retry-after', after });
  expect(said[1]).toContain('(3 of ');
  progress.end(image);
  expect(progress.after).toBeUndefined();
});

test('of several images the one that waits is told, and how many are done', () => {
  const progress = new SetUpProgress(3, client, () => undefined);
  const others = ['a', 'b'].map((name) => parseImage(`r.example/team/${name}:1`, false));
  for (const one of [image, ...others]) progress.begin(one);
  progress.onWait({ waitMs: 5000, why: 'back-off', after: limited('team/b') });
  progress.end(image);
  expect(progress.line()).toMatch(/team\/b:1.*1 of 3 images/);
});

test('pauses that are no second tries, and those of no length, say nothing', () => {
  const said: string[] = [];
  const progress = new SetUpProgress(1, client, (line) => said.push(line));
  progress.begin(image);
  progress.onWait({ waitMs: 5000, why: 'quota' });
  progress.onWait({ waitMs: 0, why: 'back-off', after: limited('team/app') });
  expect(said).toEqual([]);
});
