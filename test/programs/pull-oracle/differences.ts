// Where a client's profile is known to differ from its program, and why that may be. The test fails on an entry
// that no longer shows a difference.
import type { Client } from './clients.ts';

export interface Known {
  readonly client: string;
  /** Of faults. */
  readonly ids: readonly string[];
  readonly why: string;
  /** What comes first decides, so that it does not show every time. */
  readonly sometimes?: true;
}

export const knownDifferences: readonly Known[] = [
  {
    client: 'containerd',
    ids: ['tag-418'],
    why: "It repeats the server's reason phrase; ours has the standard's.",
  },
  {
    client: 'podman',
    ids: ['tag-bad-json'],
    why: 'It prints the whole document; ours what is kept of it, 1 KiB.',
  },
  {
    client: 'containerd',
    ids: ['tag-wrong-type'],
    why: 'It asks for the index among the blobs, where it is not; ours stops, for the reason itself.',
  },
  {
    client: 'crane',
    ids: ['tag-wrong-type'],
    why: 'It takes the index for an image, whose config has no digest; ours stops before it asks for that.',
  },
  {
    client: 'podman',
    ids: ['token-empty'],
    why: 'It sends the empty token and is refused by the registry; ours blames the token server.',
  },
  {
    client: 'podman',
    ids: ['cdn-reset', 'layer-reset', 'child-reset', 'tag-reset', 'ping-reset'],
    why: 'Which connections are idle when a pull begins anew decides how often Go asks again by itself.',
    sometimes: true,
  },
  {
    client: 'regclient',
    ids: ['cdn-resets'],
    why: 'Whether a connection is reset while it is made or while it is read is chance, and so are the words.',
    sometimes: true,
  },
  {
    client: 'podman@4.3',
    ids: ['cdn-reset-once', 'cdn-cut-reset'],
    why: 'A pull that is begun anew does not ask for layers that had come; ours does.',
    sometimes: true,
  },
  {
    client: 'regclient',
    ids: ['token-empty'],
    why: 'It asks once more with the empty token, and for another; ours blames the token server at once.',
  },
  {
    client: 'regclient',
    ids: ['layer-429'],
    why: 'Waits that Retry-After tells are not counted, but six requests are the last; ours counts them.',
  },
  {
    client: 'regclient',
    ids: ['cdn-body-short', 'cdn-body-long'],
    why: 'A Content-Length that is not the size is asked for six times at once; the sixth fails as the first.',
  },
  {
    client: 'regclient',
    ids: [
      'redirect-plain',
      'redirect-loop',
      'redirect-chain',
      'redirect-chain-too-long',
      'redirect-nowhere',
    ],
    why: 'A redirect that it does not follow is asked for again, five times in all; where it leads is the same.',
  },
];

export function isKnown({ profile }: Client, fault: string): boolean {
  return knownDifferences.some(({ client, ids }) => client === profile && ids.includes(fault));
}
