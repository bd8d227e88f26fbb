// Cuts Markdown to what GitHub takes, at the end of a line, with folds closed and a word that it was cut.

/** At most so many bytes of UTF-8, the word about the cut included; text that fits is as it was. */
export function fitMarkdown(text: string, bytesMax: number, where: string): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const lines = text.split('\n');
  const shown: string[] = [];
  // Room for the word, and for the ends of what is open.
  let bytes = Buffer.byteLength(where) + 200 + endsMax * closing.length;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > bytesMax) break;
    shown.push(line);
  }
  const cut = shown.join('\n');
  const open = Math.min(endsMax, count(cut, /<details>/g) - count(cut, /<\/details>/g));
  const more = lines.length - shown.length;
  return `${cut}\n${closing.repeat(Math.max(0, open))}\nand ${more} more lines, which GitHub has no room for: ${where}\n`;
}

const endsMax = 8;
const closing = '\n</details>\n';

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
