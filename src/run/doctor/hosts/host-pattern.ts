// Names of hosts with stars, as allow lists have them: a first label `*` stands for one label or more, any other star
// for letters, digits and dashes within one.

const nameCharsMax = 253;
const patternText = /^(?:\*\.)?(?:[a-z0-9_*-]{1,63}\.)*[a-z0-9_*-]{1,63}$/;
const addressText = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\])$/;

/** Whether a text, lower case, is a name, an address (IPv6 in brackets) or a pattern of names; `*` is any. */
export function isHostPattern(text: string): boolean {
  if (text.length > nameCharsMax) return false;
  return addressText.test(text) || (patternText.test(text) && !/(?:^|\.)-|-(?:\.|$)/.test(text));
}

export function isPattern(host: string): boolean {
  return host.includes('*');
}

/** An address, IPv6 in brackets or bare. */
export function isAddress(host: string): boolean {
  return addressText.test(host) || host.includes(':');
}

/** Whether the host, lower case and without port, is what the pattern means. */
export function fits(pattern: string, host: string): boolean {
  if (!isPattern(pattern) || pattern === '*') return pattern === host || pattern === '*';
  if (isAddress(host)) return false;
  const labels = pattern.split('.');
  const given = host.split('.');
  if (labels[0] === '*' && given.length > labels.length) {
    given.splice(0, given.length - labels.length + 1, 'x');
  }
  return (
    labels.length === given.length && labels.every((label, at) => fitsLabel(label, given[at]!))
  );
}

/** Stars within one label; without backtracking: each piece is looked for behind the one before. */
function fitsLabel(label: string, given: string): boolean {
  const [first = '', ...pieces] = label.split('*');
  if (pieces.length === 0) return first === given;
  const last = pieces.pop() ?? '';
  if (!given.startsWith(first) || !given.endsWith(last)) return false;
  if (given.length < first.length + last.length) return false;
  let rest = given.slice(first.length, given.length - last.length);
  for (const piece of pieces) {
    const at = rest.indexOf(piece);
    if (at < 0) return false;
    rest = rest.slice(at + piece.length);
  }
  return true;
}
