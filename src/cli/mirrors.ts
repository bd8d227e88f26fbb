// Mirrors of a load run, from flags or plan: which they are, and whether those who pull know of such.
import { UserError } from '../lib/user-error.ts';
import { profiles } from '../profiles/index.ts';
import { originOf } from '../protocol/grammar/uri.ts';
import type { PlanFile } from '../run/load/plan/file.ts';
import { type Image, splitScheme } from '../run/target.ts';
import type { Flags } from './verb.ts';

const mirrorsMax = 10;
/** By its names; Docker Engine has mirrors of this registry alone. */
const hubs = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

export interface Pullers {
  /** Names of client profiles. */
  readonly clients: readonly string[];
  readonly images: readonly Image[];
  readonly isReplay: boolean;
}

/** Origins in the order in which they are asked; undefined for none. @throws UserError (exit 2) */
export function mirrorsOf(flags: Flags, plan: PlanFile, who: Pullers): string[] | undefined {
  const plainHttp = flags.plainHttp === true;
  const told = (flags.mirror as string[] | undefined) ?? [];
  if (told.length > 0) {
    const mirrors = told.map((text) => originOfMirror(text, plainHttp));
    refuse(who);
    if (mirrors.length <= mirrorsMax) return mirrors;
    const problem = `${mirrors.length} mirrors are more than ${mirrorsMax}`;
    throw new UserError('mirror-invalid', problem, 'Leave out some of --mirror.');
  }
  const listed = plan.document.mirrors;
  if (listed === undefined) return undefined;
  plan.make(['mirrors'], () => refuse(who));
  return listed.map((text, at) =>
    plan.make(['mirrors', at], () => originOfMirror(text, plainHttp)),
  );
}

function originOfMirror(text: string, plainHttp: boolean): string {
  const { scheme, rest } = splitScheme(text, plainHttp);
  const origin = `${scheme}://${rest}`;
  if (/^[^/?#]+$/.test(rest) && originOf(origin) !== '') return origin;
  throw new UserError(
    'mirror-invalid',
    `${JSON.stringify(text.slice(0, 200))} is no host of a mirror`,
    'Write [http://]HOST[:PORT], without a path.',
  );
}

function refuse({ clients, images, isReplay }: Pullers): void {
  if (isReplay) {
    throw new UserError(
      'mirror-conflict',
      'a replay makes the requests of its trace, at the registry alone',
      'Leave out the mirrors, or name the mirror as the registry of the image.',
    );
  }
  for (const name of clients) {
    const traits = profiles[name]?.mirrors;
    if (traits === undefined) {
      const able = Object.values(profiles).filter(({ mirrors }) => mirrors !== undefined);
      const names = able.map((profile) => profile.name).join(', ');
      throw new UserError(
        'mirror-unsupported',
        `${name} knows of no mirrors`,
        `Clients that do: ${names}. Or name the mirror as the registry of the image.`,
      );
    }
    const elsewhere = images.find(({ registry }) => !hubs.includes(registry));
    if (traits.hubOnly === true && elsewhere !== undefined) {
      throw new UserError(
        'mirror-unsupported',
        `${name} has mirrors of docker.io alone, and ${elsewhere.registry} is not that`,
        'Leave out the mirrors, or pull as docker-containerd does.',
      );
    }
  }
}
