// Keeps secrets out of evidence: by the place where they stand (headers, query, JSON and form fields)
// and by their value once they were seen.
import { asObject, asString, parseJson } from '../lib/json.ts';
import { type HttpReply, type HttpRequest, headerLinesOf } from '../protocol/talk.ts';

const placeholder = '<redacted>';
const secretHeaders =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-.*(?:token|auth|signature|credential|secret|api-?key)/i;
/** Names of JSON members and of parameters whose value grants access. */
const tokenNames =
  'token|access_?token|refresh_?token|id_?token|identity_?token|registry_?token|password|secret|client_secret';
/** Signatures of CloudFront, S3, GCS, Azure, Cloudflare, Alibaba, Tencent, Akamai, upload states. */
const signatureNames =
  '(?:x-[a-z]+-)?(?:signature|credential|security-token)|q-signature|sig|verify|policy|__token__|hdnt[sl]|hdnea|auth_key|api_?key|assertion|jwt|_state';
/** A parameter of a URL or form, also inside JSON (`\u0026`), HTML (`&amp;`) or another parameter. */
const secretParameters = new RegExp(
  `([?&;\\s"'(>]|^|\\\\u0026|%3f|%26)((?:${signatureNames}|${tokenNames})(?:=|%3d|\\\\u003d))([^&#\\s"'<>]*)`,
  'gi',
);
/** A string member of JSON, also of JSON within a JSON string, whole or cut off. */
const secretMembers = new RegExp(
  `("(?:${tokenNames}|auth|authorization)\\\\*"\\s*:\\s*\\\\*")(?:[^"\\\\]|\\\\[^])*`,
  'gi',
);
/** An element of XML, in which S3 and its like say which signature, key or token they refuse. */
const secretElements =
  /(<(?:[\w-]{0,40}signature\w{0,40}|awsaccesskeyid|ossaccesskeyid|[\w-]{0,40}token(?:-\d{1,3})?)>)[^<]+/gi;
/** Up to the last `@` before the path: a password may hold one. */
const userinfo = /(:\/\/)[^/?#\s]*@/g;

/** Shorter values are not searched for: they would blot out ordinary text. */
const secretLengthMin = 6;
/** Of values that are taken for secrets by their name alone (`verify=…` need not be one). */
const guessedLengthMin = 12;
/** The values used longest ago are forgotten first. */
const secretsMax = 300;

export class Redactor {
  /** Insertion order is order of last use. */
  readonly #secrets = new Set<string>();

  /** Remembers a value that must not appear anywhere from now on, nor as URLs and JSON write it. */
  add(secret: string): void {
    if (secret.length < secretLengthMin) return;
    for (const form of [secret, encoded(secret), JSON.stringify(secret).slice(1, -1)]) {
      this.#secrets.delete(form);
      this.#secrets.add(form);
    }
    for (const oldest of this.#secrets) {
      if (this.#secrets.size <= secretsMax) break;
      this.#secrets.delete(oldest);
    }
  }

  /** Remembers the credentials that a request carries, and those that its reply hands out. */
  learn(request: HttpRequest, reply?: HttpReply): void {
    for (const [name, value] of headerLinesOf(request)) {
      if (/^(?:proxy-)?authorization$/i.test(name)) this.#learnAuthorization(value);
    }
    this.#learnParameters(request.url);
    if (typeof request.body === 'string') this.#learnParameters(request.body);
    if (reply === undefined) return;
    this.#learnParameters(reply.header('Location') ?? '');
    if (request.ask.phase !== 'token') return;
    const document = asObject(parseJson(reply.text));
    for (const member of ['token', 'access_token', 'refresh_token']) {
      this.add(asString(document?.[member]) ?? '');
    }
  }

  #learnAuthorization(value: string): void {
    const credentials = value.replace(/^\S+ +/, '');
    this.add(credentials);
    if (!/^basic /i.test(value)) return;
    const pair = Buffer.from(credentials, 'base64').toString('utf8');
    this.add(pair);
    this.add(pair.slice(pair.indexOf(':') + 1));
  }

  #learnParameters(text: string): void {
    for (const [, , , value = ''] of text.matchAll(secretParameters)) {
      if (value.length < guessedLengthMin) continue;
      this.add(value);
      this.add(decoded(value));
    }
  }

  /** A header's value as it may be shown. The scheme of credentials stays readable. */
  header(name: string, value: string): string {
    if (!secretHeaders.test(name)) return this.text(value);
    const scheme = /authorization$/i.test(name) ? /^([A-Za-z]+) /.exec(value)?.[1] : undefined;
    return scheme === undefined ? placeholder : `${scheme} ${placeholder}`;
  }

  /** Any text (URL, body, message) as it may be shown. */
  text(text: string): string {
    let shown = text
      .replace(userinfo, `$1${placeholder}@`)
      .replace(secretParameters, `$1$2${placeholder}`)
      .replace(secretMembers, `$1${placeholder}`)
      .replace(secretElements, `$1${placeholder}`);
    // A secret may begin with another one: the longest goes first.
    const secrets = [...this.#secrets].sort((a, b) => b.length - a.length);
    for (const secret of secrets) shown = shown.replaceAll(secret, placeholder);
    return shown;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
