// Exceptions from who may do what, by repository: `anonymous:demo/app=none`, `user:team/*=pull`. They
// count where tokens are issued; what holds without them is `actionsOf` in site.ts.

import { UserError } from '../../src/lib/user-error.ts';
import { isRepository } from '../../src/protocol/grammar/reference.ts';

export interface Permission {
  readonly who: 'anonymous' | 'user';
  /** A repository, or what the names of several begin with. */
  readonly repository: { readonly name: string } | { readonly prefix: string };
  /** Of pull, push and delete. */
  readonly actions: readonly string[];
}

const textCharsMax = 500;
const knownActions = ['pull', 'push', 'delete'];

/** `WHO:REPOSITORY=ACTIONS`, the repository may end in `*`. @throws UserError `permission-unreadable` */
export function parsePermission(text: string): Permission {
  const [, who, name = '', star, list = ''] =
    /^(anonymous|user):([^=*]*)(\*?)=(.+)$/.exec(text.slice(0, textCharsMax)) ?? [];
  const actions = list === 'none' ? [] : list.split(',');
  const isKnown = actions.every((action) => knownActions.includes(action));
  const isNamed = star === '*' ? /^[a-z0-9._/-]*$/.test(name) : isRepository(name);
  if (!isKnown || !isNamed || (who !== 'anonymous' && who !== 'user')) {
    const message = `the permission ${JSON.stringify(text.slice(0, textCharsMax))} cannot be read`;
    const hint =
      'Write anonymous:REPOSITORY=pull or user:PREFIX*=pull,push,delete; none for nothing at all.';
    throw new UserError('permission-unreadable', message, hint);
  }
  return { who, repository: star === '*' ? { prefix: name } : { name }, actions };
}

/** What the first permission that fits says; undefined when none does. `subject` '': anyone. */
export function permittedActions(
  permissions: readonly Permission[],
  subject: string,
  repository: string,
): readonly string[] | undefined {
  const who = subject === '' ? 'anonymous' : 'user';
  const found = permissions.find(
    (one) =>
      one.who === who &&
      ('name' in one.repository
        ? one.repository.name === repository
        : repository.startsWith(one.repository.prefix)),
  );
  return found?.actions;
}
