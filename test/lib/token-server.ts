// The mock as the token server of other registries.
import { join } from 'node:path';
import { type ServerOptions, startMock } from '../../mocks/server.ts';
import type { Credentials } from '../../src/protocol/client.ts';
import { scratch } from './cli.ts';
import type { RegistryChoice } from './docker-registry.ts';

export interface RunningTokenServer {
  /** What a registry is told. */
  readonly token: NonNullable<RegistryChoice['token']>;
  /** Who may do everything; anyone else may pull. */
  readonly user: Credentials;
  readonly ca: string | undefined;
  stop(): Promise<void>;
}

export async function startTokenServer(options: ServerOptions = {}): Promise<RunningTokenServer> {
  const mock = await startMock({ tokenKeysDir: join(scratch(), 'keys'), ...options });
  const { tokenTrust, username, password, ca, close } = mock;
  if (tokenTrust === undefined) throw new Error('the mock has no keys for tokens');
  const token = { realm: mock.token, ...tokenTrust };
  return { token, user: { username, password }, ca, stop: close };
}
