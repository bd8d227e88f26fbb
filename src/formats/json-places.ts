// JSON pointers (RFC 6901): built while documents are judged, resolved to places in the source.

import { skipBlanks, walkJson } from './json-walk.ts';
import { type Place, pointerSteps, type Span } from './places.ts';

/** The text of a member name or string token, quotes and escapes taken away. */
export function tokenText(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

/** Places of what pointers lead to; one that leads nowhere may be absent. */
export type Locate = (text: string, pointers: Iterable<string>) => ReadonlyMap<string, Place>;

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

interface OpenContainer {
  /** What is wanted below it. */
  readonly wanted: Wanted | undefined;
  /** Of an object: the member whose value comes next. */
  step: string;
  name: Span | undefined;
  /** Of an array: the item that comes next. */
  index: number;
}

/**
 * Places of what the pointers lead to, in one pass over the text. A pointer that leads nowhere is
 * absent; of members with the same name the last counts, as for JSON.parse.
 */
export const locate: Locate = (text, pointers) => {
  const places = new Map<string, Place>();
  const inside = new Set(pointers);
  if (inside.delete('')) {
    const start = skipBlanks(text, 0);
    if (start < text.length) places.set('', { value: start, name: undefined });
  }
  // So that a text that is nested too deep to be judged is not walked: only the whole is pointed at.
  if (inside.size === 0) return places;
  const open: OpenContainer[] = [];
  const root = wantedTree(inside);
  function beginValue(start: number, end?: number): Wanted | undefined {
    const parent = open.at(-1);
    let wanted: Wanted | undefined = root;
    if (parent !== undefined) {
      const step = parent.index < 0 ? parent.step : String(parent.index++);
      wanted = parent.wanted?.children.get(step);
    }
    for (const pointer of wanted?.pointers ?? []) {
      places.set(pointer, { value: start, end, name: parent?.name });
    }
    return wanted;
  }
  walkJson(text, {
    key(start, end) {
      const parent = open.at(-1);
      if (parent?.wanted !== undefined) {
        parent.step = tokenText(text, start, end);
        parent.name = { start, end };
      }
    },
    scalar: beginValue,
    open(start, isObject) {
      const wanted = beginValue(start);
      open.push({ wanted, step: '', name: undefined, index: isObject ? -1 : 0 });
    },
    close() {
      open.pop();
    },
  });
  return places;
};

/** A value of a document, and the values in it by name or number. */
export interface PlaceTree {
  readonly place: Place;
  readonly children: Map<string, PlaceTree>;
}

/** All places of a JSON text, in one pass: for who asks for many, and not for all at once. */
export function placeTree(text: string): PlaceTree {
  const root: PlaceTree = { place: { value: 0, name: undefined }, children: new Map() };
  const open: { tree: PlaceTree; step: string; name: Span | undefined; index: number }[] = [];
  function beginValue(start: number, end?: number): PlaceTree {
    const parent = open.at(-1);
    if (parent === undefined) return root;
    const step = parent.index < 0 ? parent.step : String(parent.index++);
    const tree = { place: { value: start, end, name: parent.name }, children: new Map() };
    parent.tree.children.set(step, tree);
    return tree;
  }
  walkJson(text, {
    key(start, end) {
      const parent = open.at(-1);
      if (parent === undefined) return;
      parent.step = tokenText(text, start, end);
      parent.name = { start, end };
    },
    scalar: beginValue,
    open(start, isObject) {
      const tree = beginValue(start);
      open.push({ tree, step: '', name: undefined, index: isObject ? -1 : 0 });
    },
    close() {
      open.pop();
    },
  });
  return root;
}
