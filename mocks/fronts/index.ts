// The stand-ins by name.
import { archeio } from './archeio.ts';
import type { Front, FrontName } from './front.ts';
import { pullThrough } from './pull-through.ts';
import { spegel } from './spegel.ts';

/** Makes one, with a memory of its own. */
export const fronts: Readonly<Record<FrontName, () => Front>> = {
  archeio: () => archeio,
  spegel: () => spegel,
  'pull-through': pullThrough,
};
