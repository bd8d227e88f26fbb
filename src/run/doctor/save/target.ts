// Where a pulled image is kept: `oci:DIR[:TAG]`, `dir:DIR`, `docker-archive:FILE[:NAME:TAG]`, as skopeo writes them.
import { UserError } from '../../../lib/user-error.ts';

export interface SaveTarget {
  readonly transport: 'oci' | 'dir' | 'docker-archive';
  readonly path: string;
  /** Tag of a layout, name and tag in an archive; '' for none. */
  readonly name: string;
  /** As given. */
  readonly text: string;
}

/** What may follow the path, by transport. */
const names: Readonly<Record<SaveTarget['transport'], RegExp>> = {
  // c/image takes for the name of a layout what the annotation org.opencontainers.image.ref.name may hold.
  oci: /^[A-Za-z0-9]+(?:(?:[-._:@/]|--)[A-Za-z0-9]+)*$/,
  dir: /^$/,
  'docker-archive': /^[a-z0-9][a-z0-9._/-]*(?::\d+\/[a-z0-9._/-]+)?:[A-Za-z0-9_][\w.-]{0,127}$/,
};

/** @throws UserError `save-invalid` (exit 2) */
export function parseSaveTarget(text: string): SaveTarget {
  const colon = text.indexOf(':');
  const transport = text.slice(0, Math.max(0, colon));
  const rest = text.slice(colon + 1);
  if (!Object.hasOwn(names, transport)) throw invalid(text, 'it names no transport that is known');
  const known = transport as SaveTarget['transport'];
  // A folder may have colons in its name for `dir:`, as skopeo has it.
  const end = known === 'dir' ? -1 : rest.indexOf(':');
  const path = end < 0 ? rest : rest.slice(0, end);
  const name = end < 0 ? '' : rest.slice(end + 1);
  if (path === '') throw invalid(text, 'it names no path');
  if (end >= 0 && !names[known].test(name)) {
    throw invalid(text, `${JSON.stringify(name)} is no name that ${known} takes`);
  }
  return { transport: known, path, name, text };
}

function invalid(text: string, why: string): UserError {
  return new UserError(
    'save-invalid',
    `--save ${text}: ${why}`,
    'Write oci:DIR[:TAG], dir:DIR or docker-archive:FILE[:NAME:TAG].',
  );
}
