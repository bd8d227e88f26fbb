// Finds secrets in the files of a submission: those that the run used, in every form in which they may have been written, and
// what looks like one.
import { unescaped } from './read-results.ts';

export interface SecretPlace {
  /** From 1. */
  readonly line: number;
  /** What was found, never the secret itself. */
  readonly what: string;
}

export interface KnownSecrets {
  readonly username?: string;
  readonly password?: string;
  /** Other secrets, such as tokens. */
  readonly others?: readonly string[];
}

/** A shorter secret is in every text. */
const secretCharsMin = 5;
/** Places that are told of one file. */
const placesMax = 20;

const looks: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'credentials of an Authorization header',
    /authorization"?\s*[:=]\s*\[?\s*"?(?:basic|bearer)\s+(?!\*)[\w+/=.~-]{8,}/gi,
  ],
  ['a JSON web token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g],
  [
    'a user and password in a URL',
    /\bhttps?:\/\/[^\s/@:"'<>]{1,200}:(?!\*+@)[^\s/@"'<>]{1,200}@/gi,
  ],
  [
    'a token or password as JSON',
    /"(?:access_token|refresh_token|id_token|identitytoken|token|password|auth)"\s*:\s*"(?!\*+")[^"\s]{8,}"/gi,
  ],
];

/** Forms of the secrets → what each is. */
export function formsOf({ username = '', password = '', others = [] }: KnownSecrets) {
  const forms = new Map<string, string>();
  for (const [what, secret] of [
    ['the password', password],
    ...others.map((one) => ['a token', one] as const),
    ['the user and password', username === '' || password === '' ? '' : `${username}:${password}`],
  ] as const) {
    if (secret.length < secretCharsMin) continue;
    const bytes = Buffer.from(secret);
    const hex = bytes.toString('hex');
    const inUrl = encodeURIComponent(secret);
    const written: [string, string][] = [
      [secret, what],
      [JSON.stringify(secret).slice(1, -1), `${what}, escaped`],
      [inUrl, `${what}, as in a URL`],
      [inUrl.replaceAll('%20', '+'), `${what}, as in a form`],
      [inUrl.toLowerCase(), `${what}, as in a URL`],
      ...[hex, hex.toUpperCase()].map((form): [string, string] => [form, `${what} as hex digits`]),
      ...base64Forms(bytes).map((form): [string, string] => [form, `${what} as base64`]),
    ];
    for (const [form, name] of written) if (!forms.has(form)) forms.set(form, name);
  }
  return forms;
}

/** As they stand in the base64 of a longer text, too: what does not depend on the bytes around. */
function base64Forms(bytes: Buffer): string[] {
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = [0, 2, 3][before] ?? 0;
    const rest = (before + bytes.length) % 3;
    return text.slice(from, rest === 0 ? undefined : -1);
  });
  const long = shifted.filter((form) => form.length >= secretCharsMin);
  return [
    ...new Set(long.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])),
  ];
}

/** Of one text; the places in order, at most twenty. */
export function findSecrets(text: string, forms: ReadonlyMap<string, string>): SecretPlace[] {
  // References to characters hide quotes and newlines; newlines that they make are no lines of the file.
  const plain = text
    .split('\n')
    .map((line) => (line.includes('&') ? unescaped(line).replaceAll('\n', ' ') : line))
    .join('\n');
  const found = new Map<string, SecretPlace>();
  const note = (offset: number, of: string, what: string) => {
    const line = of.slice(0, offset).split('\n').length;
    found.set(`${line} ${what}`, { line, what });
  };
  for (const of of plain === text ? [text] : [text, plain]) {
    for (const [form, what] of forms) {
      let at = of.indexOf(form);
      for (let place = 0; at >= 0 && place < placesMax; place++) {
        note(at, of, what);
        at = of.indexOf(form, at + form.length);
      }
    }
    for (const [what, pattern] of looks) {
      let place = 0;
      for (const { index } of of.matchAll(pattern)) {
        if (place++ === placesMax) break;
        note(index, of, what);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.line - b.line).slice(0, placesMax);
}
