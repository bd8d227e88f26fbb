// `pullproof mock`: starts the servers of mocks/server.ts, says where they are, and waits for the end.
import { once } from 'node:events';
import { adminPath } from '../../mocks/faults/admin.ts';
import { startMock } from '../../mocks/server.ts';
import { neededCacheFolder } from '../run/cache-folder.ts';
import { declareMockFlags, mockOptionsOf } from './mock-flags.ts';
import { Terminal } from './terminal.ts';
import type { Verb } from './verb.ts';

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
    if (flags.admin === true) terminal.say(`faults are switched at ${said.registry}${adminPath}`);
    if (!signal.aborted) await once(signal, 'abort');
    await close();
    return 0;
  },
};
