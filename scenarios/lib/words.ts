// A plan from the variables of plain `k6 run -e …`, for the scenarios that teach (01 to 06).
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { parsePlatform } from '../../src/protocol/grammar/platform.ts';
import { parseReference } from '../../src/protocol/grammar/reference.ts';
import type { K6Plan, Mix, PlannedImage } from './plan.ts';

/**
 * IMAGE=[http://]HOST[:PORT]/REPOSITORY[:TAG] and, if wanted, CLIENT, PLATFORM, REGISTRY_USERNAME and
 * REGISTRY_PASSWORD. The shape is the scenario's own.
 * @throws Error that says what is missing
 */
export function planFromWords(mix?: Mix): { plan: K6Plan; client: ClientProfile } {
  const platform = parsePlatform(__ENV.PLATFORM ?? 'linux/amd64');
  if (platform === undefined) throw new Error('PLATFORM must be OS/ARCH, such as linux/arm64');
  const plan: K6Plan = {
    client: __ENV.CLIENT ?? mix?.clients?.[0]?.value ?? 'podman',
    profiles,
    images: [imageFromWords()],
    platform,
    shape: { kind: 'vus', vus: 1, durationSeconds: 1 },
    verify: 'all',
    timeoutMs: 30_000,
    insecure: false,
    mix,
  };
  const client = profiles[plan.client];
  if (client === undefined) throw new Error(`CLIENT=${plan.client} is no client profile`);
  return { plan, client };
}

function imageFromWords(): PlannedImage {
  const image: string | undefined = __ENV.IMAGE;
  if (image === undefined)
    throw new Error('name an image: -e IMAGE=http://127.0.0.1:5000/demo/app');
  const [, scheme = 'https://', text = ''] = /^(https?:\/\/)?(.*)$/.exec(image) ?? [];
  const { registry, repository, tag, digest } = parseReference(text);
  const { REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password } = __ENV;
  return {
    registryUrl: scheme + registry,
    repository,
    reference: digest ?? tag ?? 'latest',
    credentials:
      username === undefined || password === undefined ? undefined : { username, password },
  };
}
