// `pullproof mock`: starts the servers of mocks/server.ts, says where they are, and waits for the end.
import { once } from 'node:events';
import { adminPath } from '../../mocks/faults/admin.ts';
import { isLoopback } from '../../mocks/http/places.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { neededCacheFolder } from '../run/cache-folder.ts';
import { declareMockFlags, mockOptionsOf } from './mock-flags.ts';
import { Terminal } from './terminal.ts';
import type { Flags, Verb } from './verb.ts';

/** What is said of a mock that other machines reach. */
function openTo(flags: Flags, { registry, username }: Pick<RunningMock, 'registry' | 'username'>) {
  const hosts = [flags.host, flags.cdnHost].filter((host) => host !== undefined) as string[];
  if (hosts.every((host) => isLoopback(host.replace(/^\[|\]$/g, '')))) return [];
  const isForAll = flags.auth === 'none' || flags.anonymousPush === true;
  const pushes = isForAll
    ? 'takes pushes of anyone'
    : `takes pushes of ${username}, whose password above follows from --seed`;
  const faults = flags.admin === true ? ', and lets anyone switch faults' : '';
  return [
    `warning: other machines reach ${registry}: it ${pushes}${faults}. Open it to networks that you trust alone`,
  ];
}

export const mock: Verb = {
  declare: declareMockFlags,
  async run(_args, flags, { signal }) {
    const terminal = new Terminal(flags.quiet === true);
    const sources = flags.images as string[];
    const running = await startMock({
      ...mockOptionsOf(flags),
      images:
        sources.length === 0
          ? undefined
          : { sources, cacheFolder: neededCacheFolder(), progress: terminal.work, signal },
    });
    const { close, ca, ...said } = running;
    process.stdout.write(`${JSON.stringify({ ...said, ca })}\n`);
    terminal.say(`listening on ${said.registry}, CDN on ${said.cdn}; Ctrl-C ends it`);
    for (const line of openTo(flags, said)) terminal.say(line);
    if (flags.admin === true) terminal.say(`faults are switched at ${said.registry}${adminPath}`);
    if (!signal.aborted) await once(signal, 'abort');
    await close();
    return 0;
  },
};
