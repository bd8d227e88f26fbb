// Short names that stand for full ones: `[aliases]` of registries.conf, and of the file that podman writes itself.
import { isRegistry, isRepository } from '../../protocol/grammar/reference.ts';
import type { Written } from '../route.ts';
import { ConfFault, shown } from './conf-fault.ts';
import type { ConfTable } from './conf-table.ts';

export interface Alias {
  /** `host[:port]/repository`; '' takes back what an earlier file says. */
  readonly target: string;
  readonly written: Written;
}

export type Aliases = ReadonlyMap<string, Alias>;

/** @throws ConfFault */
export function readAliases(table: ConfTable): Aliases {
  const aliases = new Map<string, Alias>();
  for (const name of table.names()) {
    const target = table.text(name);
    const written = table.writtenOf(name);
    if (isFull(name) || !isName(name)) {
      const message = `${shown(name)} is no short name, and has an alias`;
      throw new ConfFault(
        'registries-conf-alias',
        written,
        message,
        'Write what users type, such as "team/app".',
      );
    }
    const host = target.slice(0, target.indexOf('/'));
    const isWell =
      isFull(target) && isRegistry(host) && isRepository(target.slice(host.length + 1));
    if (target !== '' && !isWell) {
      const message = `the alias ${shown(name)} stands for ${shown(target)}, which is not registry/repository`;
      throw new ConfFault(
        'registries-conf-alias',
        written,
        message,
        'Write host[:port]/repository, without a tag.',
      );
    }
    aliases.set(name, { target, written });
  }
  return aliases;
}

/** Whether a name begins with a registry: no short one does. */
export function isFull(name: string): boolean {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  return first === 'localhost' || /[.:]/.test(first);
}

/** Go's reader takes the first part for a domain, which may have capitals. */
function isName(name: string): boolean {
  const slash = name.indexOf('/');
  if (isRepository(name)) return true;
  return slash > 0 && isRegistry(name.slice(0, slash)) && isRepository(name.slice(slash + 1));
}
