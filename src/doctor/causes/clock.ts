// The clock of this machine.
import type { Cause } from './cause.ts';
import { clockOffsetMs, dateSourcesOf } from './kit/clock.ts';
import { hostOf } from './kit/hosts.ts';
import { atConfig } from './kit/says.ts';
import { isKind, metLine, type Trouble, troublesOf } from './kit/troubles.ts';
import { datesLine } from './tls.ts';

/** More than this is no delay of a reply, and begins to matter to tokens and signatures. */
const offsetMsMax = 5 * 60_000;

/** What goes wrong with a wrong clock: certificates, and tokens that begin or end by it. */
function isOfTime({ failure, isHealed }: Trouble): boolean {
  return !isHealed && isKind(failure, 'tls expired', 'tls not-yet-valid', 'unauthorized');
}

export const clockWrong: Cause = {
  id: 'clock-wrong',
  title: 'The clock of this machine is wrong',
  explanation:
    'The clock is off, after a sleep of a virtual machine or without a time service. Certificates seem expired or not yet valid, tokens and signed logins too old.',
  says: atConfig(
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time <time> is <after|before> <time>',
  ),
  decidedBy:
    'The `Date` of the hosts against our clock, in seconds, and against the dates of the certificate that is refused. Where no host told the time, not even the one whose certificate it is, an expired certificate fits too.',
  remedy: [
    'Set the clock, and turn the time service on (`timedatectl set-ntp true`; in WSL `hwclock -s` after a sleep).',
  ],
  who: 'host administrator',
  seenIn: [
    'microsoft/WSL#4149',
    'microsoft/WSL#4245',
    'microsoft/WSL#6521',
    'microsoft/vscode-dev-containers#597',
    'Azure/AKS#1152',
    'microsoft/containerregistry#74',
  ],
  find: (facts) => {
    const offsetMs = clockOffsetMs(facts);
    const troubles = troublesOf(facts).filter(({ failure }) =>
      isKind(failure, 'tls expired', 'tls not-yet-valid'),
    );
    const at = 'this machine';
    const evidence = [
      ...troubles.map(({ failure }) => metLine(failure)),
      ...troubles.flatMap(({ failure }) =>
        (hostOf(facts, failure.host)?.handshake?.chain ?? []).slice(0, 1).map(datesLine),
      ),
      `our clock says ${new Date(facts.startedAtMs).toISOString()}`,
      ...dateSourcesOf(facts),
    ];
    if (offsetMs !== undefined) {
      if (Math.abs(offsetMs) <= offsetMsMax) return undefined;
      const isHarmless = !troublesOf(facts).some(isOfTime);
      return { at, evidence, certainty: 'certain', isHarmless };
    }
    if (troubles.length === 0) return undefined;
    const wouldTell = 'this clock against one that is known to be right';
    const isHarmless = troubles.every((one) => one.isHealed);
    return { at, evidence, certainty: 'possible', wouldTell, isHarmless };
  },
};
