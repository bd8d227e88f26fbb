// A text from outside as a field of CSV, harmless to spreadsheets and to what keeps a log.
import { oneLine, withoutCommands } from './untrusted.ts';

/**
 * In quotes where it needs them. What a spreadsheet would take as a formula (in Japan in full width too) has an
 * apostrophe in front, which spreadsheets read as the sign of a text.
 */
export function csvText(value: string, charsMax: number): string {
  const line = withoutCommands(oneLine(value, charsMax));
  const text = /^[=+\-@|%＝＋－＠]/.test(line) ? `'${line}` : line;
  return /[",;\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
