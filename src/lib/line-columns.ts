// From offsets in a text that a person wrote to what an editor shows.

export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Line and column, both from 1, of ascending offsets; columns count UTF-16 units. */
export function lineColumns(text: string, ascending: readonly number[]): LineColumn[] {
  let line = 1;
  let lineStart = 0;
  let newline = text.indexOf('\n');
  return ascending.map((offset) => {
    while (newline >= 0 && newline < offset) {
      line++;
      lineStart = newline + 1;
      newline = text.indexOf('\n', lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  });
}

/** `LINE:COLUMN` of an offset, as editors take it behind the name of a file. */
export function placeText(text: string, offset: number): string {
  const [{ line, column } = { line: 1, column: 1 }] = lineColumns(text, [offset]);
  return `${line}:${column}`;
}

/** The line, from 1, of any offset: for who asks for many, in no order. */
export function lineFinder(text: string): (offset: number) => number {
  let ends: number[] | undefined;
  return (offset) => {
    ends ??= lineEnds(text);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function lineEnds(text: string): number[] {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) ends.push(at);
  return ends;
}
