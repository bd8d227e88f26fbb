// Keeps secrets out of findings: people write user and password into the names of registries.

import { tokenText } from '../formats/json-places.ts';
import { walkJson } from '../formats/json-walk.ts';
import { childPointer, pointerSteps } from '../formats/places.ts';
import { holdsSecrets } from './other-kinds.ts';

/** A registry's name without what stands before an @, which may be user and password. */
export function maskUserinfo(name: string): string {
  const at = name.lastIndexOf('@');
  // What follows the @ in an image name is a digest, and what stands before it the name.
  return at < 1 || /^[a-z0-9]+:[a-fA-F0-9]{32,}$/.test(name.slice(at + 1))
    ? name
    : `***${name.slice(at)}`;
}

/** A pointer, each of its steps masked. */
export function maskPointer(pointer: string): string {
  return pointer.includes('@')
    ? pointerSteps(pointer).map(maskUserinfo).reduce(childPointer, '')
    : pointer;
}

const secretMembers =
  /"(?:auths?|identitytoken|registrytoken|password|secret|private_key|(?:access_|refresh_|id_)?token)"\s*:/i;

/** Whether a text looks like one with credentials in it, whatever it was taken for. */
export function mayHoldSecrets(text: string): boolean {
  return secretMembers.test(text);
}

/** A message without the user and password of the URLs that it quotes. */
export function maskUrls(message: string): string {
  return message.includes('@') ? message.replace(/\/\/[^\s"'/@]+@/g, '//***@') : message;
}

/** A name of a helper may be shown, and is all that may. */
const shownBelow: ReadonlySet<string> = new Set(['credHelpers', 'credsStore']);

/** A whole text as it may be shown, line by line as it is: of auth files without values, of others without users. */
export function maskedText(text: string, kind: string): string {
  return holdsSecrets(kind) ? maskedValues(text) : text.replace(userinfo, '***@');
}

/** What stands before an @ that is not that of a digest: perhaps user and password. */
const userinfo = /[^\s"'/@=]{1,4096}@(?!sha(?:256|512):)/g;

function maskedValues(text: string): string {
  let masked = '';
  let from = 0;
  let depth = 0;
  let member = '';
  function write(start: number, end: number, shown: string): void {
    masked += text.slice(from, start) + shown;
    from = end;
  }
  walkJson(text, {
    key(start, end) {
      const name = tokenText(text, start, end);
      if (depth === 1) member = name;
      write(start, end, JSON.stringify(maskUserinfo(name)));
    },
    scalar(start, end) {
      if (!shownBelow.has(member)) write(start, end, '"***"');
    },
    open() {
      depth++;
    },
    close() {
      depth--;
    },
  });
  return masked + text.slice(from);
}
