// One table of registries.conf, and what the names in it are held to.
import type { Written } from '../route.ts';
import { ConfFault, shown } from './conf-fault.ts';

/** A registry or a mirror. */
export interface Location {
  /** '' only below a wildcard: names stay as they are. */
  readonly location: string;
  readonly insecure?: Written;
  /** Value of `?ns=`; '' for none. */
  readonly namespace: string;
  readonly written: Written;
}

export interface MirrorTable extends Location {
  /** '' for all pulls. */
  readonly use: string;
  readonly useWritten: Written;
}

export interface RegistryTable extends Location {
  readonly prefix: string;
  readonly blocked?: Written;
  readonly byDigestOnly?: Written;
  readonly mirrors: readonly MirrorTable[];
}

/** As names are compared and put together. */
export function withoutSlashes(name: string): string {
  let end = name.length;
  while (name[end - 1] === '/') end--;
  return name.slice(0, end);
}

/** @throws ConfFault */
export function refuseScheme(name: string, written: Written): void {
  if (!/^https?:\/\//.test(name)) return;
  const message = `${shown(name)} has a scheme`;
  const hint = 'Leave out http:// or https://; insecure = true allows plain HTTP.';
  throw new ConfFault('registries-conf-scheme', written, message, hint);
}
