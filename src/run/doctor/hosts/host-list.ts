// The hosts of a pull in three columns: observed here, documented by somebody, expected by the user.
import type { HostRow } from '../../../../reports/results.ts';
import type { HostFacts } from '../../../doctor/facts.ts';
import type { Way, Wire } from '../../../doctor/wire.ts';
import type { ExpectedHost } from './expected.ts';
import { fits, isPattern } from './host-pattern.ts';
import { type DocumentedHost, type Preset, type PresetName, presets } from './presets.ts';
import { checkReachable } from './reachable.ts';

export interface HostListOptions {
  /** Asked for by name; those of the registries that were seen are shown besides. */
  readonly presets: readonly PresetName[];
  readonly expected: readonly ExpectedHost[];
  /** By which an expected host that the pull did not touch would be asked. */
  readonly wayTo: (host: string, port: number) => Way;
}

export interface HostList {
  /** For `DoctorResult.hostList` and `.allowList`. */
  readonly rows: HostRow[];
  readonly allowList: string[];
  /** A row has `trouble`: the run fails. */
  readonly failed: boolean;
}

interface Seen {
  readonly facts: HostFacts;
  readonly row: HostRow;
}

const rowsMax = 1_000;

/** What the pull touched or would have touched, put beside what is documented and expected. */
export async function listHosts(
  hosts: readonly HostFacts[],
  options: HostListOptions,
  wire: Wire,
): Promise<HostList> {
  const seen = hosts.map((facts): Seen => ({ facts, row: observedRow(facts, hosts) }));
  const registries = seen.filter(({ facts }) => isRegistry(facts)).map(({ row }) => row.host);
  const relevant = presetsOf(options.presets, registries);
  const { expected } = options;
  for (const { facts, row } of seen) {
    row.documented = documentedAs(row.host, relevant);
    if (facts.role !== 'proxy' && expected.length > 0) judge(row, expected);
  }
  const observed = seen.map(({ row }) => row);
  const rows = [
    ...observed,
    ...(await untouchedRows(observed, options, relevant, wire)),
    ...documentedRows(observed, options.presets, relevant),
  ].slice(0, rowsMax);
  const allowed = rows.filter(({ allow }) => allow);
  return {
    rows,
    allowList: [...new Set(allowed.map(nameToAllow))],
    failed: rows.some(({ trouble }) => trouble !== ''),
  };
}

function isRegistry({ role }: HostFacts): boolean {
  return role === 'registry' || role === 'mirror';
}

function observedRow(facts: HostFacts, all: readonly HostFacts[]): HostRow {
  const { host, port } = splitHost(facts.host);
  return {
    host,
    port,
    reason: reasonOf(facts, all),
    observed: true,
    reachable: reachableByFacts(facts),
    documented: null,
    expected: null,
    written: '',
    // What filters names is asked by way of the proxy, and need not let it through to itself.
    allow: facts.role !== 'proxy',
    trouble: '',
  };
}

/** `host:port`, IPv6 in brackets; without a port, HTTPS's own. */
function splitHost(text: string): { host: string; port: number } {
  const match = /^(.*?):(\d+)$/.exec(text);
  if (match === null) return { host: text.toLowerCase(), port: 443 };
  return { host: (match[1] ?? '').toLowerCase(), port: Number(match[2]) };
}

function reasonOf({ role, host }: HostFacts, all: readonly HostFacts[]): string {
  const registries = all.filter((one) => one.role === 'registry');
  const [only] = registries;
  const of =
    registries.length === 1 && only !== undefined ? ` of ${splitHost(only.host).host}` : '';
  const reasons: Readonly<Record<HostFacts['role'], string>> = {
    registry: 'registry of the image',
    mirror: `mirror${of}`,
    token: of === '' ? 'tokens' : `tokens${of.replace(' of ', ' for ')}`,
    edge: `blobs${of}`,
    proxy: `proxy (${host}) that requests go through`,
  };
  return reasons[role];
}

/** By the way that requests go: a handshake through a proxy says all; else some address must answer. */
function reachableByFacts({ dials, handshake, scheme }: HostFacts): boolean | null {
  const isOpen = dials.some(({ failure }) => failure === '');
  if (dials.length > 0 && !isOpen) return false;
  // What answers without TLS is there, all the same.
  if (scheme === 'https' && handshake !== undefined) {
    return handshake.failure === '' || handshake.failure === 'bad-http';
  }
  return dials.length > 0 ? true : null;
}

/** Presets asked for, and those that know a registry that was seen. */
function presetsOf(asked: readonly PresetName[], registries: readonly string[]): PresetName[] {
  const names = Object.keys(presets) as PresetName[];
  return names.filter((name) => {
    const own = documentedBy(name).filter(({ serves }) => serves === 'registry');
    const isSeen = own.some(({ host }) => registries.some((registry) => fits(host, registry)));
    return isSeen || asked.includes(name);
  });
}

function documentedBy(name: PresetName): readonly DocumentedHost[] {
  const preset: Preset = presets[name];
  return preset.hosts;
}

function documentedAs(host: string, names: readonly PresetName[]): HostRow['documented'] {
  for (const preset of names) {
    const found = documentedBy(preset).find((one) => fits(one.host, host));
    if (found !== undefined) return { preset, source: found.source, date: found.date };
  }
  return null;
}

function matches({ host, port }: ExpectedHost, row: Pick<HostRow, 'host' | 'port'>): boolean {
  return fits(host, row.host) && (port === undefined || port === row.port);
}

/** Whether a host that was seen is expected, and reachable where it is. */
function judge(row: HostRow, expected: readonly ExpectedHost[]): void {
  const fitting = expected.filter((one) => matches(one, row));
  const [first] = fitting;
  const denied = fitting.find((one) => one.isDenied === true);
  row.expected = first !== undefined && denied === undefined;
  if (!row.expected) {
    row.trouble = 'unexpected';
    row.written = denied?.written ?? '';
    return;
  }
  row.written = first?.written ?? '';
  if (row.reachable === false) row.trouble = 'unreachable';
}

/** Expected hosts that the pull did not touch; a pattern names no host that could be asked. */
async function untouchedRows(
  observed: readonly HostRow[],
  { expected, wayTo }: HostListOptions,
  relevant: readonly PresetName[],
  wire: Wire,
): Promise<HostRow[]> {
  const untouched = expected.filter(
    (one) => one.isDenied !== true && !observed.some((row) => matches(one, row)),
  );
  const unique = new Map<string, ExpectedHost>();
  for (const one of untouched) {
    const key = `${one.host}:${one.port ?? 443}`;
    if (!unique.has(key)) unique.set(key, one);
  }
  const listed = [...unique.values()];
  const targets = listed
    .filter(({ host }) => !isPattern(host))
    .map(({ host, port = 443 }) => ({ host, port, way: wayTo(host, port) }));
  const answers = await checkReachable(targets, wire);
  return listed.map(({ host, port = 443, written }): HostRow => {
    const reachable = answers.get(`${host}:${port}`) ?? null;
    return {
      host,
      port,
      reason: 'expected, not touched by this pull',
      observed: false,
      reachable,
      documented: documentedAs(host, relevant),
      expected: true,
      written,
      allow: host !== '*',
      trouble: reachable === false ? 'unreachable' : '',
    };
  });
}

/** What presets know besides; other registries of one only where it was asked for by name. */
function documentedRows(
  observed: readonly HostRow[],
  asked: readonly PresetName[],
  relevant: readonly PresetName[],
): HostRow[] {
  return relevant.flatMap((preset) =>
    documentedBy(preset)
      .filter(({ host, serves }) => {
        const isSeen = observed.some((row) => fits(host, row.host));
        return !isSeen && (serves !== 'registry' || asked.includes(preset));
      })
      .map(
        ({ host, serves, source, date, note }): HostRow => ({
          host,
          port: 443,
          reason: [serves, note].filter(Boolean).join('; '),
          observed: false,
          reachable: null,
          documented: { preset, source, date },
          expected: null,
          written: '',
          allow: asked.includes(preset),
          trouble: '',
        }),
      ),
  );
}

function nameToAllow({ host, port }: HostRow): string {
  return port === 443 ? host : `${host}:${port}`;
}
