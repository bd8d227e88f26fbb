// What crio.conf(5) says of short names: `short_name_mode` of `[crio.image]`, in the file and in its drop-ins.

import type { HostView } from '../host-view.ts';
import type { Looked } from '../route.ts';
import { byDefault } from '../written.ts';
import { readConfTable } from './conf-table.ts';
import { dropInsOf, readConf } from './drop-ins.ts';
import type { RegistriesConf } from './registries-conf.ts';

const file = '/etc/crio/crio.conf';

/** Enforcing, unless it is disabled; the last file that says something counts. @throws ConfFault: CRI-O does not start */
export async function crioMode(
  host: HostView,
  looked: Looked[],
): Promise<NonNullable<RegistriesConf['mode']>> {
  let mode = {
    value: 'enforcing' as 'enforcing' | 'disabled',
    written: byDefault,
  };
  for (const path of [file, ...(await dropInsOf(host, `${file}.d`, '', looked))]) {
    const text = await readConf(host, path, looked);
    if (text === undefined) continue;
    const image = readConfTable(path, text, newestToml).table('crio')?.table('image');
    if (image === undefined || image.isEmpty('short_name_mode')) continue;
    const isDisabled = image.text('short_name_mode') === 'disabled';
    const written = image.writtenOf('short_name_mode');
    mode = { value: isDisabled ? 'disabled' : 'enforcing', written };
  }
  return mode;
}

const newestToml = { toml11: true, byteOrderMark: true };
