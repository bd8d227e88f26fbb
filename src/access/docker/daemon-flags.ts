// Flags of dockerd that stand in its unit, and would stand in daemon.json as well: they are told, not followed.
import type { HostView } from '../host-view.ts';
import type { ConfigProblem } from '../route.ts';
import { unitVariables } from '../systemd/unit-variables.ts';
import { isRootless } from './rootless.ts';

const flag = /--(registry-mirror|insecure-registry)\b/;
const keys: Readonly<Record<string, string>> = {
  'registry-mirror': 'registry-mirrors',
  'insecure-registry': 'insecure-registries',
};

/** Of ExecStart= and the variables that it names. */
export async function flagProblems(host: HostView): Promise<ConfigProblem[]> {
  const { commands, variables } = await unitVariables(
    host,
    'docker.service',
    await isRootless(host),
  );
  const named = commands.flatMap(({ value }) =>
    [...value.matchAll(/\$\{?(\w+)/g)].flatMap(([, name = '']) => variables.get(name) ?? []),
  );
  return [...commands, ...named].flatMap(({ value, written }) => {
    const name = flag.exec(value)?.[1];
    if (name === undefined) return [];
    return [
      {
        id: 'dockerd-flag-unread',
        written,
        message: `dockerd is started with --${name}, which counts for it and is not read here.`,
        hint: `Write it as "${keys[name]}" in daemon.json, and take the flag out: dockerd refuses to have both.`,
        isFatal: false,
      },
    ];
  });
}
