// Words of Markdown that the pages of docs/reference share.

export type Row = readonly string[];

const made = 'Made by `npm run docs` from the code; edits here are lost.';

/** A page: title, what it is made from, then its parts, a blank line between. */
export function pageOf(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, made, ...parts].join('\n\n')}\n`;
}

export function table(heads: Row, rows: readonly Row[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

/** Text in a cell of a table: on one line, bars and angle brackets as themselves. */
export function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/<(?=[a-z/])/gi, '\\<')
    .trim();
}

/** In a cell as code. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
