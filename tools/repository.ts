// Where the repository is, as package.json says it: the one source for pages and addresses that are made.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/run/package-root.ts';

const { repository } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));

/** Such as https://github.com/OWNER/NAME. */
export const repositoryUrl = String(repository.url).replace(/^git\+|\.git$/g, '');
