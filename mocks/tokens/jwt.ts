// Bearer tokens that other registries accept: JSON Web Tokens as docker-registry jwt.md has them, signed by
// a key whose certificate those registries trust. Refresh tokens stay opaque: only we read them.
import { type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { readTokenKeys, type TokenKeys } from './token-keys.ts';
import { type Access, type Claims, type Mint, rememberedMax, tokenCharsMax } from './tokens.ts';

/** `iss` of each token, which the registry must be told. */
export const tokenIssuer = 'pullproof';

interface Payload {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** This and the next two: seconds since 1970. */
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly Access[];
}

export class JwtMint implements Mint {
  readonly #refresh: Mint;
  readonly #now: () => number;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #header: string;
  readonly #remembered = new Map<string, Claims>();

  /** @throws UserError `token-keys-unfit` */
  constructor(keys: TokenKeys, refresh: Mint, now: () => number) {
    const { algorithm, privateKey, chain } = readTokenKeys(keys);
    this.#refresh = refresh;
    this.#now = now;
    this.#privateKey = privateKey;
    this.#publicKey = chain[0]?.publicKey ?? privateKey;
    // The one form that registries of every version take, as long as they trust certificates.
    const x5c = chain.map(({ raw }) => raw.toString('base64'));
    this.#header = encode({ typ: 'JWT', alg: algorithm, x5c });
  }

  issue(claims: Claims): string {
    if (claims.kind === 'refresh') return this.#refresh.issue(claims);
    const issuedAt = Math.floor(this.#now() / 1000);
    const payload: Payload = {
      iss: tokenIssuer,
      sub: claims.subject,
      aud: claims.audience,
      exp: Math.ceil(claims.expiresAt / 1000),
      nbf: issuedAt,
      iat: issuedAt,
      jti: randomUUID(),
      access: claims.access,
    };
    const signed = `${this.#header}.${encode(payload)}`;
    const signature = sign('sha256', Buffer.from(signed), this.#options(this.#privateKey));
    return `${signed}.${signature.toString('base64url')}`;
  }

  read(token: string): Claims | undefined {
    const claims = this.#remembered.get(token) ?? this.#verify(token);
    if (claims === undefined) return this.#refresh.read(token);
    return this.#now() >= claims.expiresAt ? undefined : claims;
  }

  #verify(token: string): Claims | undefined {
    const [header, payload = '', signature = '', ...rest] = token
      .slice(0, tokenCharsMax)
      .split('.');
    // The algorithm and the key are ours, whatever a token says.
    if (header !== this.#header || rest.length > 0) return undefined;
    const signed = Buffer.from(`${header}.${payload}`);
    const given = Buffer.from(signature, 'base64url');
    if (!verify('sha256', signed, this.#options(this.#publicKey), given)) return undefined;
    // What we have signed has our shape.
    const { sub, aud, exp, access }: Payload = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    );
    const claims: Claims = {
      kind: 'access',
      subject: sub,
      audience: aud,
      access,
      expiresAt: exp * 1000,
    };
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(token, claims);
    return claims;
  }

  /** Signatures of ECDSA as two numbers side by side (RFC 7518 section 3.4), not in ASN.1. */
  #options(key: KeyObject) {
    return { key, dsaEncoding: 'ieee-p1363' } as const;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
