// Programs on this machine: which files may be run, and where the PATH has them.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Of PATHEXT, what Windows runs without a shell. */
const endings = process.platform === 'win32' ? ['.exe', '.com'] : [''];

/** The programs of a name in the folders of the PATH, in its order. */
export async function* programsOnPath(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<string> {
  for (const folder of (variables.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, `${name}${ending}`);
      if (folder !== '' && (await isExecutable(path))) yield path;
    }
  }
}

/** Whether it is a file that may be run; folders pass the test of rights too. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
