// Credentials taken out of a plan, so that what is written to a file holds none.
import type { PlannedImage } from '../../../../scenarios/lib/plan.ts';
import type { Credentials } from '../../../protocol/client.ts';

/** Collects credentials; equal ones stand once. */
export class Logins {
  readonly all: Credentials[] = [];
  readonly #known = new Map<string, number>();

  /** The same with its place among `all` in their stead. */
  taken<T extends { readonly credentials?: Credentials | undefined }>({
    credentials,
    ...rest
  }: T): Omit<T, 'credentials'> & { readonly login?: number } {
    if (credentials === undefined) return rest;
    const key = JSON.stringify(credentials);
    const login = this.#known.get(key) ?? this.all.push(credentials) - 1;
    this.#known.set(key, login);
    return { ...rest, login };
  }
}

/** Each image with its place in `logins`. */
export function withoutCredentials(planned: readonly PlannedImage[]): {
  images: PlannedImage[];
  logins: Credentials[];
} {
  const logins = new Logins();
  return { images: planned.map((image) => logins.taken(image)), logins: logins.all };
}
