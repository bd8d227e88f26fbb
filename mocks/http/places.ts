// Where the servers of the mock listen, and what clients call them: its own address, or a name that leads there.
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { UserError } from '../../src/lib/user-error.ts';
import { isRegistry } from '../../src/protocol/grammar/reference.ts';

export interface PlaceOptions {
  /** Port of the registry; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  readonly cdnPort?: number | undefined;
  /** Address to listen on, default 127.0.0.1. One that stands for all of this machine needs a `name`. */
  readonly host?: string | undefined;
  /**
   * Address of the CDN with `cdnPlace: 'host'`: by default 127.0.0.2, another origin, as in real life; beside a
   * registry that other machines reach its address.
   */
  readonly cdnHost?: string | undefined;
  /**
   * Where the CDN is: an address of its own (the default), another port of the registry's address, or
   * the registry's own origin, to which redirects are then relative.
   */
  readonly cdnPlace?: 'host' | 'port' | 'relative' | undefined;
  /** Host by which clients call the registry, with a port if that is another one for them. Default: the address. */
  readonly name?: string | undefined;
  /**
   * Host by which redirects name the CDN, such as a subdomain of the registry's; that it resolves to
   * the CDN's address is for the clients' resolver to see to. Default: the address.
   */
  readonly cdnName?: string | undefined;
}

export interface Place {
  readonly host: string;
  readonly port: number;
  /** `host[:port]`; undefined: the address. */
  readonly name: string | undefined;
}

/** The registry's, and the CDN's if it has one of its own. @throws UserError (exit 2) */
export function placesOf(options: PlaceOptions): Place[] {
  const { cdnPlace = 'host', cdnPort = 0 } = options;
  const host = addressOf('host', options.host ?? '127.0.0.1');
  const name = nameOf('name', options.name);
  const registry = { host, port: options.port ?? 0, name };
  refuseUnnamed('host', 'name', registry);
  if (cdnPlace === 'relative') return [registry];
  const apart = isLoopback(host) ? '127.0.0.2' : host;
  const own = options.cdnHost === undefined ? apart : addressOf('cdn-host', options.cdnHost);
  const cdnHost = cdnPlace === 'port' ? host : own;
  // On the registry's address it is reached as the registry is, by its own port.
  const shared = cdnHost === host ? name && hostIn(name) : undefined;
  const cdn = { host: cdnHost, port: cdnPort, name: nameOf('cdn-name', options.cdnName) ?? shared };
  refuseUnnamed('cdn-host', 'cdn-name', cdn);
  return [registry, cdn];
}

/** The listening origin as clients call it. */
export function originAs(origin: string, name: string | undefined): string {
  if (name === undefined) return origin;
  const { protocol, port } = new URL(origin);
  return `${protocol}//${name}${port === '' || hasPort(name) ? '' : `:${port}`}`;
}

/** What certificates have to name. */
export function hostsOf(places: readonly Place[]): string[] {
  const called = places.flatMap(({ host, name }) => [
    ...(isWildcard(host) ? [] : [host]),
    ...(name === undefined ? [] : [bare(name)]),
  ]);
  return [...new Set([...called, 'localhost'])];
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d+){3}$/.test(address);
}

/** Addresses by which other machines may reach this one. */
function addressesHere(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return all
    .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
    .map(({ address }) => address);
}

function isWildcard(address: string): boolean {
  return /^(?:::ffff:)?0\.0\.0\.0$|^[0:]+$/i.test(address);
}

function addressOf(flag: string, text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  // No URL holds the zone of a link-local one.
  if (isIP(address) !== 0 && !address.includes('%')) return address;
  throw new UserError(
    'address-invalid',
    `--${flag} ${JSON.stringify(text.slice(0, 100))} is no address`,
    `Write an IP address of this machine, without a zone, or 0.0.0.0 for all. ${hereWords()}`,
  );
}

function nameOf(flag: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (isWildcard(bare(name))) throw unnamed(`--${flag} ${name}`, flag);
  if (isRegistry(name)) return name;
  throw new UserError(
    'name-invalid',
    `--${flag} ${JSON.stringify(name.slice(0, 100))} is no host`,
    'Write HOST or HOST:PORT, without a scheme; IPv6 addresses in brackets.',
  );
}

function refuseUnnamed(flag: string, naming: string, { host, name }: Place): void {
  if (isWildcard(host) && name === undefined) throw unnamed(`--${flag} ${host}`, naming);
}

function unnamed(what: string, naming: string): UserError {
  return new UserError(
    'address-unnamed',
    `${what} stands for all addresses of this machine, and replies have to name one`,
    `Say by --${naming} HOST how clients reach it. ${hereWords()}`,
  );
}

/** For hints. */
export function hereWords(): string {
  const here = addressesHere();
  return here.length === 0 ? '' : `This machine has ${here.slice(0, 8).join(', ')}.`;
}

function hasPort(name: string): boolean {
  return /:\d+$/.test(name.replace(/^\[.*\]/, ''));
}

function hostIn(name: string): string {
  return hasPort(name) ? name.replace(/:\d+$/, '') : name;
}

/** Without port and brackets. */
function bare(name: string): string {
  return hostIn(name).replace(/^\[|\]$/g, '');
}
