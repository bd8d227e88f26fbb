// Text as roff, the language of man pages: what is ours is marked up, what is text stays as it reads.

const specials: Readonly<Record<string, string>> = {
  '\\': String.raw`\(rs`,
  '`': String.raw`\(ga`,
  "'": String.raw`\(aq`,
  '"': String.raw`\(dq`,
  '^': String.raw`\(ha`,
  '~': String.raw`\(ti`,
};

/** As it stands: no character of it means anything to roff. It may hold line feeds. */
export function literal(text: string): string {
  return text
    .replaceAll(/[\\`'"^~]/g, (special) => specials[special] ?? special)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/\P{ASCII}/gu, (character) => `\\[u${hexOf(character)}]`)
    .replaceAll(/^\./gm, String.raw`\&.`);
}

/** Four digits or more, as roff wants them. */
function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

export function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${literal(text)}\\fR`;
}

/** A flag as help writes it, `-q, --client <name>`: names bold, what stands for a value in italics. */
export function flagTerm(written: string): string {
  return written
    .split(/([<[].*[>\]]|, )/)
    .map((part) => {
      if (part === ', ' || part === '') return part;
      if (!/^[<[]/.test(part)) return bold(part.trimEnd()) + (part.endsWith(' ') ? ' ' : '');
      const value = italic(part.slice(1, -1));
      return part.startsWith('[') ? `[${value}]` : value;
    })
    .join('');
}

/** Prose with the marks of Markdown that our tables use: code, and links, which lead nowhere from a man page. */
export function prose(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ \(\[[^\]]+\]\([^)]*\)\)/g, '')
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1');
  return line
    .trim()
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? bold(part) : literal(part)))
    .join('')
    .replace(/^ /, '');
}

/** Lines as they stand, indented. */
export function verbatim(lines: string): string {
  return ['.PP', '.RS 4', '.nf', literal(lines), '.fi', '.RE'].join('\n');
}

/** A term and what it means; both are roff. */
export function entry(term: string, meaning: string): string {
  return ['.TP', term, meaning === '' ? String.raw`\&` : meaning].join('\n');
}

/** `heading` in capitals, as man pages have it. */
export function section(heading: string, ...parts: readonly string[]): string {
  const [first = '', ...others] = parts.filter((part) => part !== '');
  return [`.SH ${heading}`, first.replace(/^\.PP\n/, ''), ...others].join('\n');
}
