import { Command } from 'commander';
import { expect, test } from 'vitest';
import { UserError } from '../lib/user-error.ts';
import { declareMockFlags, mockOptionsOf } from './mock-flags.ts';

function optionsOf(...words: string[]) {
  const command = new Command('mock').exitOverride().configureOutput({ writeErr: () => undefined });
  declareMockFlags(command);
  command.parse(words, { from: 'user' });
  return mockOptionsOf(command.opts());
}

test('the policy of the registry is as the flags say', () => {
  const words = [
    ...['--sparse', 'allow', '--anonymous-push', '--page-size', '7'],
    ...['--refuse-delete', 'tag', '--refuse-delete', 'blob'],
    ...['--max-blob', '1MB', '--max-manifest', '64KiB', '--min-chunk', '5MiB'],
    ...['--max-uploads', '9', '--max-upload-bytes', '1GB', '--upload-ttl', '90s'],
    ...['--warning', 'one', '--warning', 'two'],
  ];
  expect(optionsOf(...words)).toMatchObject({
    sparse: 'allow',
    anonymousPush: true,
    pageEntriesMax: 7,
    noDelete: ['tag', 'blob'],
    blobBytesMax: 1e6,
    manifestBytesMax: 64 * 1024,
    chunkBytesMin: 5 * 1024 ** 2,
    uploadsMax: 9,
    uploadsBytesMax: 1e9,
    uploadTtlSeconds: 90,
    warnings: ['one', 'two'],
  });
});

test('the front to stand in for is one that there is', () => {
  expect(optionsOf('--like', 'spegel')).toMatchObject({ like: 'spegel' });
  expect(() => optionsOf('--like', 'quay')).toThrow();
});

test('what no flag says is left to the defaults', () => {
  const { sparse, blobBytesMax, pageEntriesMax, uploadTtlSeconds, ...rest } = optionsOf();
  expect([sparse, blobBytesMax, pageEntriesMax, uploadTtlSeconds]).toEqual(
    Array(4).fill(undefined),
  );
  expect(rest).toMatchObject({ noDelete: [], warnings: [], faults: [], workers: 1, seed: 1 });
});

test.each([
  ['--sparse', 'maybe'],
  ['--max-blob', 'huge'],
  ['--page-size', '0'],
  ['--workers', '0'],
  ['--workers', '65'],
  ['--upload-ttl', 'soon'],
])('%s %s is refused', (...words) => {
  expect(() => optionsOf(...words)).toThrow();
});

test('only what can be deleted can be kept from deletion', () => {
  expect(() => optionsOf('--refuse-delete', 'repository')).toThrow(UserError);
});
