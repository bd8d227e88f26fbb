// Characters in words: what can be shown as it is, what a character is called, and what it takes on a
// terminal. Not an escaper: see reports/untrusted.ts.

/** What nobody sees: controls, direction marks, blanks that are not the common one, half pairs. */
const hidden =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
const hiddenAll = new RegExp(hidden, 'gu');

/** The text, of the same length, with a dot in place of each unit that nobody would see. */
export function withoutHidden(text: string): string {
  return text.replace(hiddenAll, (found) => '·'.repeat(found.length));
}

/** A text as escapes of JSON. */
export function escapeUnits(text: string): string {
  return text.replace(/[\s\S]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The text with what nobody would see escaped. */
export function escapeHidden(text: string): string {
  return text.replace(hiddenAll, escapeUnits);
}

/** Characters that editors, chats and word processors put in place of those of ASCII. */
const names: ReadonlyMap<number, string> = new Map([
  [0x00, 'NUL'],
  [0x09, 'a tab'],
  [0x0a, 'a line feed'],
  [0x0d, 'a carriage return'],
  [0xa0, 'a no-break space'],
  [0xab, 'an angle quotation mark'],
  [0xad, 'a soft hyphen'],
  [0xbb, 'an angle quotation mark'],
  [0x2013, 'a dash'],
  [0x2014, 'a dash'],
  [0x2018, 'a curly single quotation mark'],
  [0x2019, 'a curly single quotation mark'],
  [0x201c, 'a curly quotation mark'],
  [0x201d, 'a curly quotation mark'],
  [0x201e, 'a low quotation mark'],
  [0x2026, 'an ellipsis'],
  [0x200b, 'a zero-width space'],
  [0x2028, 'a line separator'],
  [0x2029, 'a paragraph separator'],
  [0x2212, 'a minus sign'],
  [0x3000, 'an ideographic space'],
  [0xfeff, 'a byte order mark'],
  [0xfffd, 'the mark of bytes that are no text'],
  [0xff02, 'a full-width quotation mark'],
  [0xff0c, 'a full-width comma'],
  [0xff1a, 'a full-width colon'],
]);

/** A character for a message: itself when it is of ASCII and can be seen, else its code point. */
export function characterName(code: number): string {
  if (code > 0x20 && code < 0x7f) return String.fromCodePoint(code);
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = names.get(code);
  if (name !== undefined) return `${point}, ${name}`;
  const shown = String.fromCodePoint(code);
  return hidden.test(shown) ? point : `${shown} (${point})`;
}
