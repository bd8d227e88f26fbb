// The key that signs tokens for other registries, and its certificate, which those trust: two PEM files in
// a folder, made if there are none, or put there by a user whose registry trusts them already.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../src/lib/node/make-folder.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { makeSelfSigned } from '../http/tls.ts';

export interface TokenKeys {
  /** PEM of the private key: on P-256, or RSA of 2,048 bits or more. */
  readonly key: string;
  /** PEM of its certificate, and of those between it and one that registries trust. */
  readonly certificate: string;
}

/** In the folder. */
export const certificateFile = 'token.crt';
const keyFile = 'token.key';
const rsaBitsMin = 2_048;
const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const certificatesMax = 10;

/** New ones, whose certificate is signed by its own key. */
export function makeTokenKeys(): TokenKeys {
  const { key, cert } = makeSelfSigned('pullproof mock tokens');
  return { key, certificate: cert };
}

/** @throws UserError `token-keys-incomplete`, `token-keys-unfit`, `token-keys-unusable` */
export function openTokenKeys(folder: string): TokenKeys {
  const dir = resolve(folder);
  const [keyPath, certificatePath] = [join(dir, keyFile), join(dir, certificateFile)];
  try {
    makeFolder(dir);
    if (!existsSync(keyPath) && !existsSync(certificatePath)) {
      const made = makeTokenKeys();
      writeFileSync(keyPath, made.key, { flag: 'wx', mode: 0o600 });
      writeFileSync(certificatePath, made.certificate, { flag: 'wx' });
      return made;
    }
    const found = read(keyPath, certificatePath);
    readTokenKeys(found, folder);
    return found;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const message = `--token-keys ${folder}: ${error instanceof Error ? error.message : error}`;
    const hint = 'Give a folder that you may read and write; it need not exist.';
    throw new UserError('token-keys-unusable', message, hint);
  }
}

/** One of the two may be absent. */
function read(keyPath: string, certificatePath: string): TokenKeys {
  for (const [absent, there] of [
    [keyPath, certificatePath],
    [certificatePath, keyPath],
  ] as const) {
    if (existsSync(absent)) continue;
    const message = `--token-keys: there is ${there}, but no ${absent}`;
    const hint = `Put ${keyFile} and ${certificateFile} there, or give a folder with neither.`;
    throw new UserError('token-keys-incomplete', message, hint);
  }
  return { key: readFileSync(keyPath, 'utf8'), certificate: readFileSync(certificatePath, 'utf8') };
}

/** How the key signs (RFC 7518 section 3.1), and its certificates, its own first. */
export interface Signing {
  readonly algorithm: 'ES256' | 'RS256';
  readonly privateKey: ReturnType<typeof createPrivateKey>;
  readonly chain: readonly X509Certificate[];
}

/** `where` is for the message. @throws UserError `token-keys-unfit` */
export function readTokenKeys({ key, certificate }: TokenKeys, where = ''): Signing {
  const unfit = (why: string) => {
    const hint = `${keyFile} is the private key of the first certificate in ${certificateFile}, both PEM.`;
    return new UserError('token-keys-unfit', `--token-keys ${where}: ${why}`, hint);
  };
  const [privateKey, chain] = attempt(() => {
    const pems = certificate.match(certificatePattern)?.slice(0, certificatesMax) ?? [];
    return [createPrivateKey(key), pems.map((pem) => new X509Certificate(pem))] as const;
  }, unfit);
  const [own] = chain;
  if (own === undefined) throw unfit('the certificate is not PEM');
  if (!own.checkPrivateKey(privateKey)) throw unfit('the certificate is for another key');
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') {
    return { algorithm: 'ES256', privateKey, chain };
  }
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= rsaBitsMin) {
    return { algorithm: 'RS256', privateKey, chain };
  }
  throw unfit(`the key is neither on P-256 nor RSA of ${rsaBitsMin} bits or more`);
}

function attempt<T>(work: () => T, unfit: (why: string) => UserError): T {
  try {
    return work();
  } catch (error) {
    throw unfit(error instanceof Error ? error.message : String(error));
  }
}
