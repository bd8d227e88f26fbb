// Quantities and names as Kubernetes takes them.

/** Powers of 1000 and of 1024, as suffixes; an exponent may stand instead. */
const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const quantity =
  /^(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;

/** Undefined for what is no quantity, or below zero. */
export function parseQuantity(text: string): number | undefined {
  const [, number, exponent, suffix = ''] = quantity.exec(text) ?? [];
  if (number === undefined) return undefined;
  if (exponent !== undefined) return Number(`${number}e${exponent}`);
  return Number(number) * (suffixes[suffix] ?? Number.NaN);
}

/** Of a quantity that was read before. */
export function cores(text: string): number {
  return parseQuantity(text) ?? Number.NaN;
}

export function mebibytes(text: string): number {
  return (parseQuantity(text) ?? Number.NaN) / 2 ** 20;
}

const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomainCharsMax = 253;

/** As namespaces are called. */
export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

/** As Secrets, accounts and classes of storage are called. */
export function isSubdomain(text: string): boolean {
  return text.length <= subdomainCharsMax && text.split('.').every(isDnsLabel);
}

/** `[PREFIX/]NAME`. */
export function isLabelKey(text: string): boolean {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  if (!labelName.test(name) || parts.length > 1) return false;
  return parts.every(isSubdomain);
}

export function isLabelValue(text: string): boolean {
  return text === '' || labelName.test(text);
}
