// What rules count as for the clients of a project: some hold from a version of a client on, and say so as
// data (`since`), so that `--client podman@5` is judged as podman 5 reads it.
import { nearestName } from '../../lib/nearest.ts';
import { UserError } from '../../lib/user-error.ts';
import { type RuleLevel, rules } from '../../validate/index.ts';

const form = /^([a-z][a-z0-9-]*)@v?([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})$/;

/**
 * Levels by rule id, of the rules that count for less as long as every chosen client is older than they are.
 * @throws UserError `client-unknown` (exit 2)
 */
export function levelsForClients(written: readonly string[]): Record<string, RuleLevel> {
  const chosen = written.map(readClient);
  const levels: Record<string, RuleLevel> = {};
  for (const { id, since } of rules) {
    if (since === undefined) continue;
    const about = chosen.filter(({ name }) => Object.hasOwn(since.clients, name));
    const isOld = about.every(({ name, version }) => isBefore(version, since.clients[name] ?? ''));
    if (about.length > 0 && isOld) levels[id] = since.before;
  }
  return levels;
}

interface Client {
  readonly name: string;
  readonly version: string;
}

function readClient(written: string): Client {
  const [, name, version] = form.exec(written) ?? [];
  const known = new Set(rules.flatMap(({ since }) => Object.keys(since?.clients ?? {})));
  if (name !== undefined && version !== undefined && known.has(name)) return { name, version };
  const shown = JSON.stringify(written.slice(0, 100));
  const [wanted = ''] = written.split('@');
  const meant = known.has(wanted) ? wanted : (nearestName(wanted, known) ?? '');
  throw new UserError(
    'client-unknown',
    `${shown} is no client and version that a rule depends on`,
    `Write ${meant}@VERSION, such as ${meant}@5; rules depend on the versions of: ${[...known].join(', ')}.`,
  );
}

/** Whether a version is older than another; what it does not say counts as 0. */
function isBefore(version: string, other: string): boolean {
  const [own, its] = [version, other].map((it) => it.split('.').map(Number));
  for (let at = 0; at < Math.max(own?.length ?? 0, its?.length ?? 0); at++) {
    const [a, b] = [own?.[at] ?? 0, its?.[at] ?? 0];
    if (a !== b) return a < b;
  }
  return false;
}
