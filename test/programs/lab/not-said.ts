// Where `doctor` does not say what a client prints, and why. By situation and client.
import type { LabClient } from './clients.ts';

interface NotSaid {
  readonly ids: readonly string[];
  readonly clients: readonly LabClient[];
  readonly why: string;
}

const all: readonly NotSaid[] = [
  {
    ids: ['one edge of four refused'],
    clients: ['skopeo'],
    why: 'Which blob meets the edge is chance, and whether it is a layer or the config.',
  },
  {
    ids: [
      'blob hosts refused',
      'blob hosts prohibited',
      'blob hosts refused by the proxy',
      'CDN names do not exist',
      'CDN names: server failure',
      'TLS of the CDN intercepted',
    ],
    clients: ['docker'],
    why: 'It tells of the config, whatever failed before; ours of what failed first, side by side.',
  },
  {
    ids: ['policy wants a signature', 'credential helper missing'],
    clients: ['podman', 'skopeo'],
    why: 'What a policy misses and a helper answers has many words; the cause says what is wrong.',
  },
  {
    ids: ['registry is blocked by registries.conf'],
    clients: ['podman', 'skopeo'],
    why: 'The folder that is named beside the file is one that need not be there.',
  },
  {
    ids: ['private or absent', 'provider refuses this address'],
    clients: ['containerd', 'docker'],
    why: 'Versions of 2022 put it in other words than those of today, which are said.',
  },
];

export function isSaid(id: string, client: LabClient): boolean {
  return !all.some(({ ids, clients }) => ids.includes(id) && clients.includes(client));
}
