// The certificates in one folder, as Go's clients read it (tlsclientconfig, Docker's registry package): what ends in
// `.crt` is trusted, `.cert` with the `.key` of the same name is shown; by name, and no other ending counts.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostView, pathOn } from './host-view.ts';
import { codeOf, readFileOn, whyOf } from './read-file.ts';
import type { ConfigProblem, Looked, Trust } from './route.ts';

export interface CertFolder extends Pick<Trust, 'ca' | 'client' | 'problems'> {
  readonly state: Looked['state'];
  /** Names of files. */
  readonly holds: readonly string[];
}

const filesMax = 200;

/** Reads a folder of certificates; `caOnly`: of a client that shows none. */
export async function readCertFolder(
  host: HostView,
  folder: string,
  caOnly = false,
): Promise<CertFolder> {
  const names = await readdir(pathOn(host, folder)).catch((error: unknown) => whyOf(error));
  if (typeof names === 'string') {
    // The clients go on without it.
    const message = `the folder ${folder} cannot be read: ${names}`;
    const hint = 'Mend its owner and mode: who pulls has to read it.';
    const problem = problemOf('unreadable', folder, message, hint, false);
    return { state: 'unreadable', holds: [], ca: [], problems: [problem] };
  }
  return await new Reader(host, folder, names.sort().slice(0, filesMax)).read(caOnly);
}

class Reader {
  readonly #host: HostView;
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #problems: ConfigProblem[] = [];
  readonly #ca: Trust['ca'][number][] = [];
  #client: Trust['client'];

  constructor(host: HostView, folder: string, names: readonly string[]) {
    this.#host = host;
    this.#folder = folder;
    this.#names = names;
  }

  async read(caOnly: boolean): Promise<CertFolder> {
    for (const name of this.#names) {
      if (name.endsWith('.crt')) await this.#readCa(name);
      else if (name.endsWith('.cert') && !caOnly) await this.#readPair(name);
      else if (name.endsWith('.key') && !caOnly) this.#lookForCertificate(name);
      else if (/\.(?:pem|cer|ca)$/i.test(name)) this.#ignore(name);
    }
    const holds = this.#names.slice(0, 50);
    const isUsed = this.#ca.length > 0 || this.#client !== undefined;
    const state = isUsed ? 'used' : 'no match';
    const found = { state, holds, ca: this.#ca, problems: this.#problems } as const;
    return this.#client === undefined ? found : { ...found, client: this.#client };
  }

  async #readCa(name: string): Promise<void> {
    const pem = await this.#text(name);
    if (pem === undefined) return;
    const written = { in: join(this.#folder, name), line: 1 };
    if (pem.includes('-----BEGIN CERTIFICATE-----')) {
      this.#ca.push({ pem, written });
      return;
    }
    const said = 'holds no PEM certificate, so it counts for nothing';
    this.#say('no-pem', name, said, 'Write it as PEM: openssl x509 -inform der -in FILE.', false);
  }

  async #readPair(name: string): Promise<void> {
    const keyName = `${name.slice(0, -'.cert'.length)}.key`;
    if (!this.#names.includes(keyName)) {
      const said = `is a client certificate without its key ${keyName}`;
      const hint = 'Put the key beside it; a CA has to end in .crt.';
      this.#say('key-missing', name, said, hint, true);
      return;
    }
    const cert = await this.#text(name);
    const key = await this.#text(keyName);
    if (cert === undefined || key === undefined) return;
    const fault = pairFault(cert, key);
    if (fault === undefined) {
      this.#client ??= { cert, key, written: { in: join(this.#folder, name), line: 1 } };
      return;
    }
    this.#say('pair', name, fault, 'Write both as PEM, the key without a passphrase.', true);
  }

  #lookForCertificate(name: string): void {
    const certName = `${name.slice(0, -'.key'.length)}.cert`;
    if (this.#names.includes(certName)) return;
    const said = `is a key without its client certificate ${certName}`;
    this.#say('cert-missing', name, said, 'Put the certificate beside it, with that ending.', true);
  }

  #ignore(name: string): void {
    const said = 'counts for nothing: a CA has to end in .crt';
    this.#say('ending', name, said, 'Rename it.', false);
  }

  async #text(name: string): Promise<string | undefined> {
    const file = await readFileOn(this.#host, join(this.#folder, name));
    if ('text' in file) return file.text;
    if (file.state === 'unreadable') {
      const hint = 'Mend its owner and mode: who pulls has to read it.';
      this.#say('unreadable', name, `cannot be read: ${file.why}`, hint, true);
    }
    return undefined;
  }

  #say(what: string, name: string, said: string, hint: string, isFatal: boolean): void {
    const path = join(this.#folder, name);
    this.#problems.push(problemOf(what, path, `${path} ${said}`, hint, isFatal));
  }
}

function problemOf(what: string, path: string, message: string, hint: string, isFatal: boolean) {
  return { id: `certs-d-${what}`, written: { in: path, line: 0 }, message, hint, isFatal };
}

/** Why a certificate and a key are no pair; repeats nothing of them. */
export function pairFault(cert: string, key: string): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return 'holds no PEM certificate';
  }
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : 'is not the certificate of the key beside it';
  } catch (error) {
    const isLocked = codeOf(error) === 'ERR_MISSING_PASSPHRASE' || key.includes('ENCRYPTED');
    return isLocked ? 'has a key with a passphrase' : 'has no key of use beside it';
  }
}
