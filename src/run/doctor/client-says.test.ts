import { expect, test } from 'vitest';
import { examineWorld } from '../../../test/lib/doctor-world.ts';
import { hostWith } from '../../../test/lib/host-with.ts';
import { resolveRoute } from '../../access/resolve.ts';
import { clientSays } from './client-says.ts';

const system = '/etc/containers/registries.conf';
const dropIn = '/etc/containers/registries.conf.d/a.conf';
const defined = (file: string) => `no unqualified-search registries are defined in "${file}"`;
const notFound = 'no containers-registries.conf(5) was found';

// As podman 4.3 prints it, and by the source of containers/image 5.42 for podman.
test.each([
  ['podman@4.3', {}, notFound],
  ['podman@4.3', { [dropIn]: 'short-name-mode = "enforcing"\n' }, notFound],
  ['podman@4.3', { [system]: '\n' }, defined(system)],
  [
    'podman@4.3',
    { [system]: '\n', [dropIn]: 'unqualified-search-registries = []\n' },
    defined(dropIn),
  ],
  ['podman', {}, notFound],
  ['podman', { [system]: '\n' }, notFound],
  ['podman', { [system]: 'unqualified-search-registries = []\n' }, defined(system)],
])('a short name that leads nowhere, as %s: %j', async (client, files, why) => {
  const route = await resolveRoute('nosuch/app', client, hostWith(files), {});
  const { facts } = await examineWorld({ client, route });
  expect(clientSays(facts)).toBe(
    `Error: short-name "nosuch/app" did not resolve to an alias and ${why}`,
  );
});
