// What our own client says to the mock, in process: in pulls, and in the checks of a full run.
import { createRegistry, type MockRegistry, type RegistryOptions } from '../../mocks/index.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { standardTag } from '../../src/checks/setup/standard-image.ts';
import { drive } from '../../src/drivers/drive.ts';
import { Redactor } from '../../src/drivers/redact.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import type { Exchange } from '../../src/protocol/redirect.ts';
import { type HttpReply, type HttpRequest, headerLinesOf } from '../../src/protocol/talk.ts';
import { type PullResult, pull } from '../../src/protocol/talks/pull.ts';
import { runChecks } from '../../src/run/conform/checks.ts';
import { inProcess } from './in-process.ts';

/** Performs against the mock and keeps what was said, in order. */
export function recorder(registry: MockRegistry) {
  const said: Exchange[] = [];
  const perform = inProcess(registry.fetch);
  return {
    said,
    perform: async (request: HttpRequest) => {
      const reply = await perform(request);
      said.push({ request, reply });
      return reply;
    },
  };
}

/** Pulls the first image of the mock. */
export async function pulled(client: ClientProfile, registry: MockRegistry) {
  const { said, perform } = recorder(registry);
  const [image] = registry.images;
  const talk = pull({
    registryUrl: registry.origins.registry,
    repository: image?.repository ?? '',
    reference: image?.tag ?? '',
    platform: { os: 'linux', architecture: 'amd64' },
    client,
    // The driver in process hashes no body in parts.
    verification: client.lazy === undefined ? 'all' : 'size',
  });
  const result: PullResult = await drive(talk, perform, async () => undefined);
  return { said, result };
}

/** Runs these checks as a full run does, and gives what came of them and what was said on the way. */
export async function pushed(
  ids: readonly string[],
  options: RegistryOptions = {},
  change: (request: HttpRequest, reply: HttpReply) => HttpReply = (_, reply) => reply,
) {
  const registry = createRegistry({ slowMs: 1, ...options });
  const { said, perform } = recorder(registry);
  const { username, password } = registry;
  const { results } = await runChecks({
    checks: ids.map((id) => checkOf(id)),
    perform: async (request) => change(request, await perform(request)),
    redactor: new Redactor(),
    registryUrl: registry.origins.registry,
    repository: 'scratch/one',
    reference: standardTag({ nonce: '00000001' }),
    otherRepository: 'scratch/two',
    mayPush: true,
    credentials: { username, password },
    redirectPolicy: 'allowed',
    seed: 1,
  });
  return { results, said: said.filter(({ reply }) => reply.status !== 401) };
}

function checkOf(id: string) {
  const check = checks.find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check;
}

/** A header of the request. */
export function header({ request }: Exchange, name: string): string | undefined {
  return headerLinesOf(request).find(([line]) => line.toLowerCase() === name)?.[1];
}

export const isUpload = ({ request }: Exchange) => request.url.includes('/blobs/uploads/');
export const isManifest = ({ request }: Exchange) => request.url.includes('/manifests/');
/** Whether the request has one of these methods. */
export const of =
  (...methods: string[]) =>
  ({ request }: Exchange) =>
    methods.includes(request.ask.method);
/** What an upload is to hash to, by its query. */
export const digestIn = ({ request }: Exchange) => new URL(request.url).searchParams.get('digest');
