// Which proxy a client's requests go through, by which variable, and where that is written.
import type { HostView } from './host-view.ts';
import { proxyChoices } from './proxy-rules.ts';
import type { FoundProxy, Written } from './route.ts';

/** The proxy for one URL, by the variables of the shell. */
export function findProxy(url: string, _client: string, host: HostView): FoundProxy {
  const { proxy, variable, exempt } = proxyChoices(host.variables)(new URL(url));
  return {
    ...(proxy !== undefined && { proxy }),
    ...(variable !== undefined && { written: inVariable(variable) }),
    ...(exempt !== undefined && {
      exempt: { entry: exempt.entry, written: inVariable(exempt.variable) },
    }),
  };
}

/** '' for what the client does by itself. */
function inVariable(variable: string): Written {
  return { in: variable === '' ? 'default' : `$${variable}`, line: 0 };
}
