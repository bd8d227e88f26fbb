// Which checks a run is to make: what --only, --skip, --section, --room and --level leave of the catalogue.
import { type CatalogueCheck, checks } from '../../checks/catalogue.ts';
import { matchesAny } from '../../lib/globs.ts';
import { meantName } from '../../lib/nearest.ts';
import { UserError } from '../../lib/user-error.ts';

export interface Selection {
  /** Globs over ids; none: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Sections of the specs: anchors (`pulling-blobs`), their titles, or whole; none: all. */
  readonly sections?: readonly string[];
  /** Rooms of the catalogue, such as `pull`; none: all. */
  readonly rooms?: readonly string[];
  readonly level: 'must' | 'should' | 'all';
}

/**
 * In the catalogue's order.
 * @throws UserError `section-unknown`, `room-unknown`, `no-checks`
 */
export function selectChecks(selection: Selection): readonly CatalogueCheck[] {
  const { only, skip, level, sections = [], rooms = [] } = selection;
  const levels = { must: ['MUST'], should: ['MUST', 'SHOULD'], all: undefined }[level];
  for (const room of rooms) expectRoom(room);
  for (const section of sections) expectSection(section);
  const selected = checks.filter(
    (check) =>
      (only.length === 0 || matchesAny(only, check.id)) &&
      !matchesAny(skip, check.id) &&
      (rooms.length === 0 || rooms.includes(check.room)) &&
      (sections.length === 0 || sections.some((name) => isNamed(check.section, name))) &&
      (levels === undefined || levels.includes(check.level)),
  );
  if (selected.length > 0) return selected;
  const ids = checks.map(({ id }) => id);
  const stray = only.find((glob) => !ids.some((id) => matchesAny([glob], id)));
  const meant = stray === undefined ? undefined : meantName(stray, ids);
  throw new UserError(
    'no-checks',
    stray === undefined
      ? 'no check is left by --only, --skip, --section, --room and --level'
      : `no check is named ${JSON.stringify(stray.slice(0, 100))} (--only)`,
    `${meant === undefined ? '' : `Perhaps ${meant} is meant. `}\`pullproof list checks\` names all; globs know * and ?.`,
  );
}

/** `distribution-spec/spec.md#pulling-blobs` is named whole, by its file, its anchor, or "Pulling blobs". */
function isNamed(section: string, name: string): boolean {
  return namesOf(section).includes(name.toLowerCase().replaceAll(' ', '-'));
}

function namesOf(section: string): string[] {
  const whole = section.toLowerCase().replaceAll(' ', '-');
  const [file = '', anchor = ''] = whole.split('#');
  return [whole, file, anchor].filter((name) => name !== '');
}

function expectSection(name: string): void {
  const all = [...new Set(checks.map(({ section }) => section))];
  if (all.some((section) => isNamed(section, name))) return;
  const names = all.flatMap(namesOf);
  throw unknown('section', name, meantName(name, names), 'Anchors of the specs count, such as');
}

function expectRoom(name: string): void {
  const rooms = [...new Set(checks.map(({ room }) => room))];
  if (rooms.includes(name)) return;
  throw unknown('room', name, meantName(name, rooms), `There are ${rooms.join(', ')}.`);
}

function unknown(what: string, name: string, meant: string | undefined, known: string): UserError {
  const shown = JSON.stringify(name.slice(0, 100));
  const all = known.endsWith('as') ? `${known} pulling-blobs or "Pulling blobs".` : known;
  const hint = meant === undefined ? all : `Perhaps ${meant} is meant. ${all}`;
  return new UserError(`${what}-unknown`, `no check is in a ${what} named ${shown}`, hint);
}
