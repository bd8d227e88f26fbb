// The folder of what is kept from run to run, for verbs that cannot do without it.
import { cacheFolder, type Variables } from '../lib/node/cache-folder.ts';
import { UserError } from '../lib/user-error.ts';

/** @throws UserError `cache-unknown` (exit 2) where there is no home */
export function neededCacheFolder(variables?: Variables): string {
  const folder = cacheFolder(variables);
  if (folder !== undefined) return folder;
  const hint = 'Set HOME, or XDG_CACHE_HOME to the absolute path of a folder.';
  throw new UserError('cache-unknown', 'there is no home folder to keep files in', hint);
}
