// The folder that CI systems name files from, so that annotations find them wherever a run was started.
import { statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Checkout } from '../../reports/options.ts';
import { checkoutTop } from '../lib/node/checkout-top.ts';
import { leadsOut, wayTo } from '../lib/node/way-to.ts';

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
  return {
    url: `${pathToFileURL(root)}/`.replace(/\/+$/, '/'),
    pathOf(file) {
      const way = wayTo(root, resolve(cwd, file));
      return way === '' || leadsOut(way) ? undefined : way.split(sep).join('/');
    },
  };
}

function isFolder(path: string): boolean {
  return path !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
