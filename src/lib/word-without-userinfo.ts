// A word of a command line or a text without the credentials that stand before a host in it.

/** With or without scheme; the `@` of a digest is none of theirs. */
export function wordWithoutUserinfo(word: string): string {
  return word.replace(/(:\/\/|^(?!-))[^/\s]*@(?!sha\d+:)/g, '$1');
}
