// JSON pointers (RFC 6901): built while documents are judged, resolved to offsets of the source.

import { skipBlanks, walkJson } from './json-walk.ts';

/** One more step below a pointer. */
export function childPointer(parent: string, name: string | number): string {
  return `${parent}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The steps of a pointer, unescaped; none for the whole document. */
export function pointerSteps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The text of a member name or string token, quotes and escapes taken away. */
export function tokenText(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

interface Wanted {
  readonly pointers: string[];
  readonly children: Map<string, Wanted>;
}

function wantedTree(pointers: Iterable<string>): Wanted {
  const root: Wanted = { pointers: [], children: new Map() };
  for (const pointer of pointers) {
    let node = root;
    for (const step of pointerSteps(pointer)) {
      let child = node.children.get(step);
      if (child === undefined) {
        child = { pointers: [], children: new Map() };
        node.children.set(step, child);
      }
      node = child;
    }
    node.pointers.push(pointer);
  }
  return root;
}

/**
 * Offsets at which the values that the pointers name begin, in one pass over the text. A pointer that
 * leads nowhere is absent; of members with the same name the last counts, as for JSON.parse.
 */
export function locate(text: string, pointers: Iterable<string>): Map<string, number> {
  const offsets = new Map<string, number>();
  const inside = new Set(pointers);
  if (inside.delete('')) {
    const start = skipBlanks(text, 0);
    if (start < text.length) offsets.set('', start);
  }
  // So that a text that is nested too deep to be judged is not walked: only the whole is pointed at.
  if (inside.size === 0) return offsets;
  /** For each open container: what is wanted below it, and the step of the value that comes next. */
  const open: { wanted: Wanted | undefined; step: string; index: number }[] = [];
  const root = wantedTree(inside);
  function beginValue(start: number): Wanted | undefined {
    const parent = open.at(-1);
    let wanted: Wanted | undefined = root;
    if (parent !== undefined) {
      const step = parent.index < 0 ? parent.step : String(parent.index++);
      wanted = parent.wanted?.children.get(step);
    }
    for (const pointer of wanted?.pointers ?? []) {
      offsets.set(pointer, start);
    }
    return wanted;
  }
  walkJson(text, {
    key(start, end) {
      const parent = open.at(-1);
      if (parent?.wanted !== undefined) {
        parent.step = tokenText(text, start, end);
      }
    },
    scalar: beginValue,
    open(start, isObject) {
      open.push({ wanted: beginValue(start), step: '', index: isObject ? -1 : 0 });
    },
    close() {
      open.pop();
    },
  });
  return offsets;
}
