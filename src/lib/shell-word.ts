// A word of a command line as a POSIX shell has to be given it.

/** As it is where the shell would leave it so, else in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quotedWord(word);
}

/** In single quotes, whatever is in it. */
export function quotedWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
