// The Secrets that runners read: those of the user stay as they are; what load knows it makes, and takes away after.
import { UserError } from '../../../../lib/user-error.ts';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';
import { mustHaveWorked, troubleOf } from './said.ts';

/** A Secret as a run needs it: its values never stand in arguments nor on disk. */
export interface SecretWish {
  readonly name: string;
  readonly type: 'kubernetes.io/basic-auth' | 'Opaque';
  readonly values: Readonly<Record<string, string>>;
}

const managedBy = 'app.kubernetes.io/managed-by';
const ours = 'pullproof';

/**
 * The names of Secrets of the user, and of those to make.
 * @throws UserError `secret-missing` (exit 2)
 */
export async function sortSecrets(
  { secrets, namespace, dir }: Described,
  wishes: readonly SecretWish[],
  kubectl: Kubectl,
): Promise<readonly SecretWish[]> {
  if (secrets.length === 0) return [];
  const by = managedBy.replaceAll('.', '\\.');
  const columns = `custom-columns=NAME:.metadata.name,BY:.metadata.labels.${by}`;
  const words = ['get', 'secrets', ...secrets, '--ignore-not-found', '--no-headers', '-o', columns];
  const said = await kubectl.run(words);
  // Who may make Secrets without reading them learns from the runners whether there are some.
  if (said.code !== 0 && troubleOf(said) === 'forbidden') return wishes;
  const rows = mustHaveWorked(said).stdout.trim().split('\n');
  const found = rows.map((row) => row.trim().split(/\s+/));
  // What an earlier run of ours left may hold another password.
  const kept = found.flatMap(([name, owner]) =>
    owner === ours && wishes.length > 0 ? [] : [name],
  );
  const absent = secrets.filter((name) => !kept.includes(name));
  const missing = absent.filter((name) => !wishes.some((wish) => wish.name === name));
  if (missing.length === 0) return wishes.filter(({ name }) => absent.includes(name));
  throw new UserError(
    'secret-missing',
    `the runners need ${missing.map((name) => `the Secret ${name}`).join(' and ')}, and the namespace ${namespace} has none of the name`,
    `Make it as ${dir}/README.md says, or name the images and credentials again, so that load makes it itself.`,
  );
}

/** @throws UserError */
export async function makeSecrets(
  run: string,
  wishes: readonly SecretWish[],
  kubectl: Kubectl,
): Promise<void> {
  if (wishes.length === 0) return;
  const items = wishes.map(({ name, type, values }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { [managedBy]: ours, 'app.kubernetes.io/instance': run } },
    type,
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const words = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  const said = await kubectl.run(words, { input });
  mustHaveWorked({ ...said, stderr: without(wishes, said.stderr) });
}

/** What refuses an object may repeat it. */
function without(wishes: readonly SecretWish[], text: string): string {
  const values = wishes.flatMap((wish) =>
    Object.entries(wish.values).flatMap(([key, value]) => (key === 'username' ? [] : [value])),
  );
  const forms = values.flatMap((value) => [
    Buffer.from(value).toString('base64'),
    JSON.stringify(value).slice(1, -1),
    value,
  ]);
  return forms
    .filter((form) => form !== '')
    .reduce((rest, form) => rest.replaceAll(form, '***'), text);
}
