// Signed URLs of CloudFront with a canned policy: RSA and SHA-1 over a policy that the edge makes from the
// URL itself. Knows no blobs and no clock.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** Fields that are not part of the URL that is signed. */
export const cannedFields: readonly string[] = ['Expires', 'Signature', 'Key-Pair-Id'];

/**
 * Every mock has this key: to make one takes as long as to start, workers must share it, and whoever may
 * read the mock's URLs needs none. It opens nothing else. PKCS #1.
 */
const privateKeyText = [
  'MIIEoQIBAAKCAQEAlBCZ8IBVkaMQ/rFE/7SDR3sdbB495BjgeJAuO7cxEbfAO/T1xql0J2GPRw2lPoCZJbeUMMOHvkYw',
  'xMmTyaHjeQkj3dUB5S7x/DPymBdJiJg1LimCamk0CXcFfN9V/DvXan3xczmDzFLozhkJ9leunuagxUZ1YJssO2ekdT73',
  '2iLeY0PZcE1EbYg4vRmPdoLMhY6Bt+c4QOPf5lXqX3bC6Yr0fw7MP9fcdLIUBUVSapR63DUH+opXtRJVJ7vx7zzYbSL8',
  'nX7fyHLFZkbWZgjMEvjHsKNzRRtPI0/Ch84pRnmkrKKihAHE188bAcuO5SeMwVLVwhfajd4swPa2xuja1wIDAQABAoH/',
  'Q3sKra1gRya29sEtBKsDQBvWoHWBAlgnnLS1PB3X1YO3VjfkfdhCjLtTrUB6H+ZxBz+S68futyftM3/5OZiJAukLrNxA',
  'lyJvixg4GZNiC+SKbnnr5X05gnr5bwu+mV1068uQv1y0VhdzRZxbbfsCq13J8xPK+8eQUHeNSlGPYYdAaxZ4fszV6Kp1',
  'XxFlS95qie7QquHv859NgyidFqTzvh96mO+7zeaMbzmJjqjBce9FBz6FmJcKMBDKwaejzHMUqhI6WHGZEREMs2bGkzG3',
  'A2FXmmMkFaW8Hl8k/RVr8twYEnMSbKvWH/zFqbewFgO2W0umWDru4Qpm4rDkOVxtAoGBAMsvbB7puqL3dk8UIjDYEmwV',
  'jRCMPjExmaW4yRAVwqJglof8OXvEiD2ys3bZl6kh2mj7vwGAaS15tP4KNV/0TLv+WE/JkAgMTR1tY4ZveZ5V/Yx0FBTE',
  'Cmz/xsedOpUtNghCSXXLqhuuV+YNxTG+27+FR7T5rTTr7ieSXgYhGFnNAoGBALqNS+2eo42jDADCkf7ySSGVEKUJmUui',
  'BizQJR4M8QuCWcZeh4G0EIDg7ICl4Yn0pTs3uDd6+y9McrTB0maIgMKm7xE53tg8nvAUIs2zj4tYagTxsadm9kgz/vt2',
  'HqywI2p7L5leU14mRlm7qt7wqvlmenF31IyW4Z5o61EaN9MzAoGARYPmA/WHazYq/gcvY3Kpat08tAqnRIFpxe8gqyYm',
  'vxM4rTG4IQYubp1zFRiA8NaqOPzYbpUWZv6a08d+V2Pn1PHCGRom8vnycDz6rgX5oBhfdOxJ6ojf4EbqJWU/o8YiFFVJ',
  'eMnDW1EctZLEgq5/1FivHdXGUrLdeiBzlrk/8YkCgYEAnK49vjZGAZiWZTEFs83EdEshbquQL8DGVO8ArauK6/Kv+fa8',
  '8sfMMKI4oJgxxE9QU1sqApbszr3zfTNoxisRkero0Vv8eTr49oTC8mdEQXGhocNpRUMpyFy7ZHHBs6JALJeH09UwSdv1',
  'rDn9ej9CKjPS1OgjAW1b01MliLlvd5cCgYBF0w3M/+6JyI+XUJyGE+BtnucBIS15avDEqr6N9n35RVkXJ9MrXPQiTd7h',
  'PyLwgWVhk+G65/6Sl9PjP3HOavHrqeCN7aRB8ne3dBIEGFPKRCVSGiM+sbYg5L4ORs0/LvD9QNcZeShCMPhVN3BCHchq',
  'x7TCMz2jQ3FguyUnYkZceg==',
].join('');

const privateKey = createPrivateKey({
  key: Buffer.from(privateKeyText, 'base64'),
  format: 'der',
  type: 'pkcs1',
});
const publicKey = createPublicKey(privateKey);

/** PEM, as CloudFront takes it for a key pair. */
export const cannedPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** `url`: with its query but without `cannedFields`. */
export function cannedSignature(url: string, expiresSeconds: number): string {
  const bytes = sign('sha1', Buffer.from(policyOf(url, expiresSeconds)), privateKey);
  return bytes.toString('base64').replace(/[+=/]/g, (char) => toUrl[char] ?? char);
}

/** Whether it is the signature of the URL; the text of `expires` counts as it is. */
export function isCannedSignature(url: string, expires: string, signature: string): boolean {
  const base64 = signature.replace(/[-_~]/g, (char) => fromUrl[char] ?? char);
  const bytes = Buffer.from(base64, 'base64');
  return verify('sha1', Buffer.from(policyOf(url, expires)), publicKey, bytes);
}

/** Without blanks, to the byte. */
function policyOf(url: string, expires: number | string): string {
  const condition = `{"DateLessThan":{"AWS:EpochTime":${expires}}}`;
  return `{"Statement":[{"Resource":"${url}","Condition":${condition}}]}`;
}

const toUrl: Readonly<Record<string, string>> = { '+': '-', '=': '_', '/': '~' };
const fromUrl: Readonly<Record<string, string>> = { '-': '+', _: '=', '~': '/' };
