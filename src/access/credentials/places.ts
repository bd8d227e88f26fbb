// The files of a table of places, on one host: variables and home filled in.
import { join } from 'node:path';
import type { HostView } from '../host-view.ts';
import { type FileRead, readBounded, readFileOn } from '../read-file.ts';
import type { AccessFlags } from '../resolve.ts';
import type { LookupRules, Place } from './lookup-rules.ts';

/** A place on this host. */
export interface Spot {
  readonly path: string;
  readonly place: Place;
  /** Named by a flag: read as it is, wherever the host's files lie. */
  readonly isOurs: boolean;
  /** Named by a flag or a variable. */
  readonly isChosen: boolean;
}

export interface Spots {
  /** To be read, in this order. */
  readonly read: readonly Spot[];
  /** What the chosen file stands for. */
  readonly passedOver: readonly Spot[];
}

export function spotsOf(rules: LookupRules, host: HostView, flags: AccessFlags): Spots {
  const usual = fillIn(rules.places, host);
  const chosen = chosenSpot(rules, host, flags);
  if (chosen === undefined) return { read: usual, passedOver: [] };
  const isReplaced = ({ place, path }: Spot) =>
    rules.chosenAlone || place.isFirst === true || path === chosen.path;
  const rest = usual.filter((spot) => !isReplaced(spot));
  const passedOver = usual.filter((spot) => isReplaced(spot) && spot.path !== chosen.path);
  return { read: [chosen, ...rest], passedOver };
}

function chosenSpot(rules: LookupRules, { variables }: HostView, { authfile }: AccessFlags) {
  if (authfile !== undefined) {
    return { path: authfile, place: { path: authfile }, isOurs: true, isChosen: true };
  }
  for (const { variable, file } of rules.chosenBy) {
    const value = variables[variable] ?? '';
    if (value === '') continue;
    const path = file === undefined ? value : join(value, file);
    return { path, place: { path: `$${variable}` }, isOurs: false, isChosen: true };
  }
  return undefined;
}

/** The places that this host has, each path once. */
export function fillIn(places: readonly Place[], host: HostView): Spot[] {
  const spots = new Map<string, Spot>();
  for (const place of places) {
    const path = pathOf(place, host);
    if (path === undefined || spots.has(path)) continue;
    spots.set(path, { path, place, isOurs: false, isChosen: false });
  }
  return [...spots.values()];
}

function pathOf({ path, lacks, linux, form }: Place, host: HostView): string | undefined {
  const { variables, home, uid, platform } = host;
  if (lacks !== undefined && (variables[lacks] ?? '') !== '') return undefined;
  if (linux !== undefined && linux !== (platform === 'linux')) return undefined;
  const [, name, rest] = /^\$(\w+)(.*)$/.exec(path) ?? [];
  if (name !== undefined) {
    const value = variables[name] ?? '';
    if (value === '') return undefined;
    return form === 'text' ? path : join(value, rest ?? '');
  }
  if (path.startsWith('~')) return home === '' ? undefined : join(home, path.slice(1));
  return path.replace('$UID', String(uid));
}

/** The text of a place. */
export async function readSpot({ path, place, isOurs }: Spot, host: HostView): Promise<FileRead> {
  if (place.form === 'text') return { text: host.variables[path.slice(1)] ?? '' };
  return isOurs ? await readBounded(path) : await readFileOn(host, path);
}
