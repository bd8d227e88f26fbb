// Finds the binary of the official suite on this machine: named, or on the PATH and known by what Go wrote into it. Nothing is
// downloaded.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isExecutable, programsOnPath } from '../../../lib/node/programs.ts';
import { UserError } from '../../../lib/user-error.ts';

export interface OfficialSuite {
  /** Absolute. */
  readonly path: string;
  /** Version of the Go module or revision of the checkout that it was built from; `unknown` where it does not tell. */
  readonly version: string;
}

export const suiteVariable = 'PULLPROOF_OFFICIAL_SUITE';
const module = 'github.com/opencontainers/distribution-spec/conformance';
/** The suite is 10 to 20 MB. */
const binaryBytesMax = 200_000_000;

/**
 * `named`: a path from the command line, which wins over the variable; both may be any program, a wrapper too.
 * @throws UserError `official-suite-missing` (exit 3) which says how to build it
 */
export async function findOfficialSuite(
  named: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<OfficialSuite> {
  const given = named ?? (variables[suiteVariable] || undefined);
  if (given !== undefined) {
    const path = resolve(given);
    if (await isExecutable(path)) return { path, version: versionIn(await textOf(path)) };
    const by = named === undefined ? suiteVariable : '--official-suite';
    throw missing(`${by} names ${given}, which is no program that can be run`);
  }
  for await (const path of programsOnPath('conformance', variables)) {
    const text = await textOf(path);
    // The name is a common one, and the program is shown credentials.
    if (text.includes(module)) return { path, version: versionIn(text) };
  }
  throw missing('the official suite is not on this machine');
}

function missing(problem: string): UserError {
  return new UserError(
    'official-suite-missing',
    problem,
    `Build it: go install ${module}@main, which makes $(go env GOPATH)/bin/conformance; put that folder on the PATH, or name the file with --official-suite or ${suiteVariable}.`,
    3,
  );
}

/** Its bytes, a character each; '' for what is too large or cannot be read. */
async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    return size > binaryBytesMax ? '' : await readFile(path, 'latin1');
  } catch {
    return '';
  }
}

/** What `go version -m` would say. */
function versionIn(text: string): string {
  const revision = /build\tvcs\.revision=([0-9a-f]{40})/.exec(text)?.[1];
  const version = new RegExp(`mod\\t${module}\\t(v[\\w.+-]{1,80})`).exec(text)?.[1];
  return version ?? revision ?? 'unknown';
}
