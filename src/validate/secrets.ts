// Keeps secrets out of findings: people write user and password into the names of registries.

import { childPointer, pointerSteps } from './pointer.ts';

/** A registry's name without what stands before an @, which may be user and password. */
export function maskUserinfo(name: string): string {
  const at = name.lastIndexOf('@');
  // What follows the @ in an image name is a digest, and what stands before it the name.
  return at < 0 || /^[a-z0-9]+:[a-fA-F0-9]{32,}$/.test(name.slice(at + 1))
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
