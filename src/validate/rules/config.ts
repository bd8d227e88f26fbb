// Rules about image configurations: one part against another, and values that have a form of their
// own. Paths and users are judged for systems other than Windows, which writes them differently.

import { childPointer } from '../../formats/places.ts';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { plural } from '../../lib/plural.ts';
import type { Kind } from '../kinds.ts';
import { quote, type ValueRule, writeInstead } from './rule.ts';

const kinds: readonly Kind[] = ['config', 'docker-config'];

/** The execution parameters; none where they follow the rules of Windows. */
function executionOf(value: JsonObject): JsonObject {
  return (value.os === 'windows' ? undefined : asObject(value.config)) ?? {};
}

/** A path as it is taken from the root; undefined for one that leads elsewhere, or is for Windows. */
function absolute(path: string): string | undefined {
  const rest = path.replace(/^\.\//, '');
  return /^[A-Za-z0-9_][^\\:]*$/.test(rest) && !rest.includes('..') ? `/${rest}` : undefined;
}

/** user, uid, user:group, uid:gid, uid:group, user:gid */
const userPattern = /^[^:\s]+(?::[^:\s]+)?$/;

const signalNames =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN ' +
  'SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ';
const signals = new Set(signalNames.split(' '));

/** A name with or without SIG, a real-time one with its distance, or a number, as Docker reads it. */
function isSignal(text: string): boolean {
  if (/^[0-9]{1,2}$/.test(text)) {
    return Number(text) >= 1 && Number(text) <= 64;
  }
  const [, name = ''] =
    /^(?:SIG)?(RTMIN(?=\+[0-9]{1,2}$)|RTMAX(?=-[0-9]{1,2}$)|[A-Z0-9]+$)/.exec(text.toUpperCase()) ??
    [];
  return signals.has(name);
}

export const configRules: readonly ValueRule[] = [
  {
    id: 'config-history-mismatch',
    level: 'warning',
    spec: 'image-spec/config.md#properties',
    summary: 'A history has one entry for each layer, besides those marked as empty_layer.',
    fix: 'Mark steps without a layer by "empty_layer": true, or drop history.',
    kinds,
    check({ value }, report) {
      const history = asArray(value.history) ?? [];
      const diffIds = asArray(asObject(value.rootfs)?.diff_ids);
      const steps = history.filter((entry) => asObject(entry)?.empty_layer !== true).length;
      if (history.length > 0 && diffIds !== undefined && steps !== diffIds.length) {
        report(
          '/history',
          `history tells of ${plural(steps, 'layer')}, rootfs has ${diffIds.length}`,
        );
      }
    },
  },
  {
    id: 'config-user',
    level: 'warning',
    spec: 'image-spec/config.md#properties',
    summary: 'The user is a name or number, with or without a group after a colon.',
    fix: 'Write user, uid, user:group or uid:gid, without blanks.',
    kinds,
    check({ value }, report) {
      const user = asString(executionOf(value).User) ?? '';
      if (user !== '' && !userPattern.test(user)) {
        report('/config/User', `${quote(user)} is not a user`);
      }
    },
  },
  {
    id: 'config-path',
    level: 'warning',
    spec: 'image-spec/conversion.md#verbatim-fields',
    summary: 'The working directory and the volumes are absolute paths.',
    fix: 'Write the path from / on; runtimes refuse relative ones.',
    kinds,
    check({ value }, report) {
      const { WorkingDir, Volumes } = executionOf(value);
      const directory = asString(WorkingDir) ?? '';
      if (directory !== '' && !directory.startsWith('/')) {
        const detail = `${quote(directory)} is not an absolute path`;
        report('/config/WorkingDir', detail + writeInstead(absolute(directory)));
      }
      for (const path of Object.keys(asObject(Volumes) ?? {})) {
        if (!path.startsWith('/')) {
          const pointer = childPointer('/config/Volumes', path);
          report(
            pointer,
            `${quote(path)} is not an absolute path${writeInstead(absolute(path))}`,
            'name',
          );
        }
      }
    },
  },
  {
    id: 'config-stop-signal',
    level: 'warning',
    spec: 'image-spec/config.md#properties',
    summary: 'The stop signal is a signal.',
    fix: 'Write a name such as SIGTERM or SIGRTMIN+3.',
    kinds,
    check({ value }, report) {
      const signal = asString(asObject(value.config)?.StopSignal) ?? '';
      if (signal !== '' && !isSignal(signal)) {
        report('/config/StopSignal', `${quote(signal)} is not a signal`);
      }
    },
  },
];
