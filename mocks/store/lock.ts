// One mock a store: a file that names the process which has it. The mark of a process that was killed is
// taken over.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asInteger, asObject, asString, parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';

const attemptsMax = 3;

/** Returns the way to give the folder back. @throws UserError `store-in-use` */
export function lock(folder: string, store: string): () => void {
  const path = join(folder, 'lock');
  const own = join(folder, `lock-${process.pid}-${performance.now()}`);
  const mark = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) });
  writeFileSync(own, mark);
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      // A link appears with its content, and only if nobody was faster.
      if (isLinked(own, path)) return () => rmSync(path, { force: true });
      const holder = holderOf(path);
      if (holder !== undefined && isAlive(holder)) throw inUse(store, holder.pid);
      rmSync(path, { force: true });
    }
    throw inUse(store, undefined);
  } finally {
    rmSync(own, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  /** When the process began, in the system's own measure; '' where that is not known. */
  readonly startedAt: string;
}

function isLinked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function holderOf(path: string): Holder | undefined {
  const fields = asObject(parseJson(textOf(path)));
  const pid = asInteger(fields?.pid);
  return pid === undefined ? undefined : { pid, startedAt: asString(fields?.startedAt) ?? '' };
}

/** A process of the same number may be another one by now. */
function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) === startedAt;
}

/** Field 22 of /proc/PID/stat on Linux, counted after the name, which may hold anything. */
function startOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function inUse(store: string, pid: number | undefined): UserError {
  const who = pid === undefined ? 'another mock' : `another mock (process ${pid})`;
  const hint = 'Stop the other one, or give this one a folder of its own.';
  return new UserError('store-in-use', `--store ${store} is in use by ${who}`, hint);
}
