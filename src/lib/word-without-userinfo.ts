// A word of a command line or a text without the credentials that stand before a host, or in a query, in it.

/** With or without scheme; the `@` of a digest is none of theirs. */
export function wordWithoutUserinfo(word: string): string {
  return word.replace(/(:\/\/|^(?!-))[^/\s]*@(?!sha\d+:)/g, '$1').replace(secretOfQuery, '$1***');
}

/** A parameter of a URL whose name says that it is one. */
const secretOfQuery =
  /([?&][\w.-]*(?:token|key|secret|passw|pwd|signature|credential|auth)[\w.-]*=)[^&#\s]*/gi;
