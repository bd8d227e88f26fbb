// Hyperlinks of a terminal (OSC 8), to the letter of
// https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda: OSC 8 ; params ; URI ST.

/** Longer ones are refused or cut by terminals. */
const uriCharsMax = 2_083;

/** The text as a link; as it is where there is no address, or none that may stand in an escape sequence. */
export function hyperlink(uri: string | undefined, text: string): string {
  // "All bytes outside of the 32-126 range" have to be encoded, and a blank is none of a URI.
  if (uri === undefined || uri.length > uriCharsMax || !/^(?:file|https?):[!-~]+$/.test(uri)) {
    return text;
  }
  return `\x1b]8;;${uri}\x1b\\${text}\x1b]8;;\x1b\\`;
}
