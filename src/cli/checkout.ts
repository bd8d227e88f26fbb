// The folder that CI systems name files from, so that annotations find them wherever a run was started.
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Checkout } from '../../reports/options.ts';
import { checkoutTop } from '../lib/node/checkout-top.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What CI systems call the root of the checkout: GitHub Actions, GitLab. */
const rootVariables = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'] as const;

/**
 * What CI says, else the top of the git repository, else the working folder itself. In a container that CI did
 * not start, its variable names a folder of the host.
 */
export function checkoutOf(cwd = process.cwd(), variables: Variables = process.env): Checkout {
  const named = rootVariables.map((name) => variables[name] ?? '');
  const root = resolve(cwd, named.find(isFolder) ?? checkoutTop(cwd) ?? cwd);
  const realRoot = dirname(realPath(join(root, 'file')));
  return {
    url: `${pathToFileURL(root)}/`.replace(/\/+$/, '/'),
    pathOf(file) {
      const path = resolve(cwd, file);
      return below(root, path) ?? below(realRoot, path) ?? below(realRoot, realPath(path));
    },
  };
}

function isFolder(path: string): boolean {
  return path !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function below(root: string, path: string): string | undefined {
  const way = relative(root, path);
  const leadsOut = way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  return leadsOut ? undefined : way.split(sep).join('/');
}

/** Links of folders are followed; the name itself is what the checkout calls the file. */
function realPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
