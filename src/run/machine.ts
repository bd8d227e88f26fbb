// By what runs of one machine know each other, and what runs on it: nothing that names it.
import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, totalmem } from 'node:os';
import type { Environment } from '../../reports/results.ts';
import { crypto } from '../lib/node/crypto.ts';

const digitsMax = 12;
const modelCharsMax = 100;
/** Of systemd, and of systems with D-Bus alone. */
const idFiles = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** In front of what is hashed, so that the hash is no one else's of the same names. */
const salt = 'pullproof/machine/1';

/** How many processors, and their model where the system tells it. */
export function processors(): Pick<Environment, 'cpus' | 'cpu'> {
  const all = cpus();
  const cpu = all[0]?.model.replace(/\s+/g, ' ').trim().slice(0, modelCharsMax);
  return {
    cpus: Math.max(1, all.length),
    ...(cpu !== undefined && !/^(?:|unknown)$/i.test(cpu) && { cpu }),
  };
}

/** The hash. */
export function machineHash(): string {
  const { cpus: count, cpu } = processors();
  // Containers share the id of their image, or have none, and each is given a host name.
  const named = [hostname(), machineId(), cpu, count, totalmem(), arch()];
  const hash = crypto()
    .createHash('sha256')
    .update(JSON.stringify([salt, ...named]));
  return hash.digest('hex').slice(0, digitsMax);
}

function machineId(): string {
  for (const file of idFiles) {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      // Neither is on every system.
    }
  }
  return '';
}
