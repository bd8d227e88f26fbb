// A fingerprint of what a load run was asked to do, by which runs of one plan know each other.
import { createHash } from 'node:crypto';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';

/** `sha256:…`; the same on every machine: without credentials, seed, start, names of files and how users share engines. */
export function planDigest(plan: K6Plan): string {
  const { images, imagesFile, logins, usersAloneMax, mix, shape, push, shown, startAt, ...rest } =
    plan;
  const { seed, ...varies } = mix ?? { seed: 0 };
  const said = {
    ...rest,
    mix: varies,
    shape: shape.kind === 'replay' ? { ...shape, file: '' } : shape,
    ...(push !== undefined && { push: { ...push, credentials: undefined, seed: 0, run: '' } }),
    images: images.map(({ credentials, login, ...image }) => image),
  };
  return `sha256:${createHash('sha256').update(JSON.stringify(said)).digest('hex')}`;
}
