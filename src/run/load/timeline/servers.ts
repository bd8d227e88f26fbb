// Who answered in a load run: every peer with the edge that it says it is, and every status by phase.
import type { LoadResult } from '../../../../reports/results.ts';
import { asInteger, asString, type JsonObject } from '../../../lib/json.ts';

type Server = NonNullable<LoadResult['servers']>[number];
type Status = NonNullable<LoadResult['statuses']>[number];

/** Servers and statuses that are told apart; those after these are counted as one. */
const serversMax = 200;
const statusesMax = 200;
const others = '(others)';

export class Servers {
  readonly #servers = new Map<string, Server>();
  readonly #statuses = new Map<string, Status>();

  /** Takes a line of the series `server`. */
  addServer(line: JsonObject): void {
    let host = asString(line.host) ?? '';
    let address = asString(line.remote) ?? '';
    let edge = asString(line.edge) ?? '';
    let key = JSON.stringify([host, address, edge]);
    if (!this.#servers.has(key) && this.#servers.size >= serversMax) {
      [host, address, edge, key] = [others, '', '', others];
    }
    const server = this.#servers.get(key) ?? { host, address, edge, ...nothing };
    this.#servers.set(key, {
      host,
      address,
      edge,
      requests: server.requests + (asInteger(line.count) ?? 0),
      failed: server.failed + (asInteger(line.failed) ?? 0),
      hits: server.hits + (asInteger(line.hits) ?? 0),
      misses: server.misses + (asInteger(line.misses) ?? 0),
      bytes: server.bytes + (asInteger(line.bytes) ?? 0),
      connections: server.connections + (asInteger(line.connections) ?? 0),
    });
  }

  /** Takes a line of the series `hop`. */
  addStatus(line: JsonObject, count: number): void {
    const phase = asString(line.phase) ?? 'other';
    const hop = asString(line.hop) ?? '';
    const status = Number(asString(line.status) ?? '0') || 0;
    const failure = asString(line.failure) ?? '';
    const key = `${phase} ${hop} ${status} ${failure}`;
    const known = this.#statuses.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#statuses.size < statusesMax) {
      this.#statuses.set(key, { phase, hop, status, failure, count });
    }
  }

  servers(): Server[] {
    return [...this.#servers.values()].sort((a, b) => b.requests - a.requests);
  }

  statuses(): Status[] {
    return [...this.#statuses.values()].sort((a, b) => b.count - a.count);
  }
}

const nothing = { requests: 0, failed: 0, hits: 0, misses: 0, bytes: 0, connections: 0 };
