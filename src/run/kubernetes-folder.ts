// The folder of `--k8s`, into which load and doctor write what is to be applied.
import { readdir } from 'node:fs/promises';
import { makeFolder } from '../lib/node/make-folder.ts';
import { UserError } from '../lib/user-error.ts';

/** @throws UserError `out-unwritable` (exit 2): what lies there may be of something else */
export async function makeKubernetesFolder(dir: string): Promise<void> {
  const unusable = (why: string) =>
    new UserError('out-unwritable', `--k8s ${dir}: ${why}`, 'Name a new folder, or an empty one.');
  try {
    makeFolder(dir);
  } catch (error) {
    throw unusable((error as Error).message);
  }
  if ((await readdir(dir)).length > 0) throw unusable('the folder is not empty');
}
