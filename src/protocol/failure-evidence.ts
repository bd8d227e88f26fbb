// What there is to show for a failure: what was asked, what came of it, and what of that clients put into
// their own words.
import { fromBase64 } from './grammar/base64.ts';
import { encodeQueryComponent, withoutUserinfo } from './grammar/uri.ts';
import type { HttpReply, HttpRequest, Phase } from './talk.ts';

/** Texts of the peer are bounded; they are not to be trusted. */
export interface FailureEvidence {
  readonly method: string;
  /** Without its query: signed URLs and tokens stay out. */
  readonly url: string;
  /** The driver's own words for what failed below HTTP; '' where a whole reply came. */
  readonly words: string;
  /** Of the reply; '' where it had none. */
  readonly contentType: string;
  /** The beginning of a reply that was no blob and no manifest. */
  readonly body: string;
  /** Body bytes that came, how many the reply announced, and how many the descriptor says. */
  readonly bytes: number;
  readonly bytesAnnounced?: number;
  readonly bytesExpected?: number;
  /** What they hash to, where that was computed. */
  readonly digest?: string;
  /** `ip:port` that was connected to; '' where no connection was made. */
  readonly address: string;
  /** Tag or digest that was wanted. */
  readonly reference?: string;
  /** First `Accept` line of the request. */
  readonly accept?: string;
  /** Scheme of what the request showed of credentials. */
  readonly authorization?: string;
  /** `WWW-Authenticate` of the reply. */
  readonly challenge?: string;
  /** Where the reply sends to, without its query. */
  readonly location?: string;
  /** Of a request for the rest of a body: where that had been cut, and in which words. */
  readonly resumed?: { readonly from: number; readonly words: string };
  /** Of a token request: what was refused before. */
  readonly challenged?: Challenged;
}

export interface Challenged {
  readonly method: string;
  readonly url: string;
  readonly phase: Phase;
}

/** What more is known of a failure than the request that it struck. */
export interface Known {
  readonly reply?: HttpReply | undefined;
  readonly bytesExpected?: number | undefined;
  readonly reference?: string | undefined;
  /** Of a token request: the one that was challenged. */
  readonly challenged?: HttpRequest | undefined;
}

const bodyCharsMax = 1024;
const lineCharsMax = 300;

export function evidenceOf(request: HttpRequest, known: Known): FailureEvidence {
  const { reply, bytesExpected, reference, challenged } = known;
  const line = (name: string) =>
    withoutSecrets(reply?.header(name) ?? '', request).slice(0, lineCharsMax);
  const announced = Number(reply?.header('Content-Length') ?? Number.NaN);
  const [, accept] = request.ask.headers.find(([name]) => name === 'Accept') ?? [];
  const [authorization] = request.authorization.split(' ');
  return {
    method: request.ask.method,
    url: withoutQuery(request.url),
    words: reply?.failureMessage ?? '',
    contentType: line('Content-Type'),
    body: withoutSecrets(reply?.text ?? '', request).slice(0, bodyCharsMax),
    bytes: reply?.bytes ?? 0,
    ...(Number.isSafeInteger(announced) && { bytesAnnounced: announced }),
    ...(bytesExpected !== undefined && { bytesExpected }),
    ...(reply !== undefined && reply.digest !== '' && { digest: reply.digest }),
    address: reply?.remoteAddress ?? '',
    ...(reference !== undefined && { reference }),
    ...(accept !== undefined && { accept: accept.slice(0, lineCharsMax) }),
    ...(authorization !== '' && { authorization: (authorization ?? '').slice(0, 10) }),
    ...(line('WWW-Authenticate') !== '' && { challenge: line('WWW-Authenticate') }),
    ...(line('Location') !== '' && { location: withoutQuery(line('Location')) }),
    ...resumedBy(request),
    ...(challenged !== undefined && { challenged: challengedBy(challenged) }),
  };
}

function resumedBy({ ask, resumes }: HttpRequest): Pick<FailureEvidence, 'resumed'> {
  if (resumes === undefined) return {};
  const [, range = ''] = ask.headers.find(([name]) => name === 'Range') ?? [];
  const from = Number(/^bytes=(\d{1,15})-/.exec(range)?.[1] ?? 0);
  return { resumed: { from, words: resumes.failureMessage } };
}

function challengedBy({ ask, url }: HttpRequest): Challenged {
  return { method: ask.method, url: withoutQuery(url), phase: ask.phase };
}

/** Of query parameters whose values sign or prove something, by their names; others by their length. */
const secretName = /sig|token|cred|secret|policy|key|auth|pass/i;
/** What may be a token in what a token server answers: by its name, or a long word, or one that is all. */
const tokenMember = /([\w-]{0,40}token\\*"\s*:\s*\\*")[^"\\]*/gi;
const tokenLike = /[\w+/=.~-]{32,}|^\s*[\w+/=.~-]{12,}\s*$/g;
/** Header lines whose values are credentials; configuration files add such. */
const secretHeader = /auth|token|cookie|cred|secret|key/i;
const secretCharsMin = 6;
const secretCharsSure = 32;
const secretsMax = 40;

/** Looked through of a text of the peer, which can be megabytes; less of it is ever shown. */
const searchedCharsMax = 16 * 1024;

/** The beginning of a text of the peer, without what the request showed: storage and token servers quote it back. */
export function withoutSecrets(whole: string, request: HttpRequest): string {
  if (whole === '') return whole;
  const text = whole.slice(0, searchedCharsMax);
  const secrets = [...new Set(shownBy(request).flatMap(formsOf))];
  secrets.sort((a, b) => b.length - a.length);
  const rest = secrets.reduce((left, secret) => left.replaceAll(secret, '<redacted>'), text);
  if (request.ask.phase !== 'token') return rest;
  return rest.replace(tokenMember, '$1<redacted>').replace(tokenLike, '<redacted>');
}

function shownBy({ url, authorization, ask }: HttpRequest): string[] {
  const lines = ask.headers.filter(([name]) => secretHeader.test(name)).map(([, value]) => value);
  const shown = [authorization, ...lines].flatMap(credentialsIn);
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  for (const pair of query.split('&').slice(0, secretsMax)) {
    const at = pair.indexOf('=');
    const value = pair.slice(at + 1);
    const isSecret = value.length >= secretCharsSure || secretName.test(pair.slice(0, at));
    if (isSecret) shown.push(value, decoded(value));
  }
  return shown;
}

/** What stands behind the scheme; of Basic the password, too, alone and with its user. */
function credentialsIn(line: string): string[] {
  const credentials = line.slice(line.indexOf(' ') + 1);
  if (!/^basic /i.test(line)) return [credentials];
  const pair = fromBase64(credentials);
  return [credentials, pair, pair.slice(pair.indexOf(':') + 1)];
}

/** As it is, as URLs have it, and as JSON has it. */
function formsOf(secret: string): string[] {
  if (secret.length < secretCharsMin) return [];
  return [secret, encodeQueryComponent(secret).replaceAll('+', '%20'), quoted(secret)];
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Without fragment and `user:password@`, too: neither is anybody's business. */
export function withoutQuery(url: string): string {
  const [bare = ''] = url.split(/[?#]/, 1);
  return bare.includes('@') && hasAuthority.test(bare) ? withoutUserinfo(bare) : bare;
}

const hasAuthority = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;

/** The tag or digest at the end of a path or URL of the registry. */
export function referenceIn(path: string): string {
  const bare = withoutQuery(path);
  return bare.slice(bare.lastIndexOf('/') + 1);
}
