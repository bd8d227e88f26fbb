// How the checks were run, and what the registry offers, in words that every view shares.
import { count, duration, plural } from './figures.ts';
import { officialNotes } from './official-words.ts';
import type { Capability, ConformSummary } from './results.ts';
import type { Tone } from './summary.ts';

/** What a person should know of how the checks were run, a line each, names first. */
export function conformNotes(summary: ConformSummary) {
  const { mode, reason, repository, left, baseline } = summary;
  const lines: [label: string, text: string][] = [];
  const pushed = 'pushed data of its own';
  lines.push(['mode', mode === 'full' ? `full: ${pushed} to ${repository}` : 'read-only']);
  if (reason !== undefined) lines.push(['why', reason]);
  if (mode === 'full') {
    const shown = left.slice(0, leftShownMax).join(', ');
    const more = left.length > leftShownMax ? `, … (${count(left.length)} in all)` : '';
    lines.push(['left there', left.length === 0 ? 'nothing' : shown + more]);
  }
  lines.push(...passingNotes(summary));
  if (summary.official !== undefined) lines.push(...officialNotes(summary.official));
  if (baseline === undefined) return lines;
  const { file, expected, unexpected, fixed, unjudged } = baseline;
  const listed = (ids: readonly string[]) => (ids.length === 0 ? 'none' : ids.join(', '));
  lines.push(['baseline', `${file}: ${plural(expected.length, 'expected failure')}`]);
  lines.push(['new', listed(unexpected)], ['fixed', listed(fixed)]);
  if (unjudged.length > 0) lines.push(['not judged', listed(unjudged)]);
  return lines;
}

const leftShownMax = 5;
const stumblesShownMax = 10;

function passingNotes({ stumbles = [], limits }: ConformSummary): [label: string, text: string][] {
  const lines = stumbles.slice(0, stumblesShownMax).map((stumble): [string, string] => {
    const { party, request, answer, checks } = stumble;
    const shown = checks.slice(0, leftShownMax).join(', ');
    const more = checks.length > leftShownMax ? ', …' : '';
    return [
      'in passing',
      `${count(stumble.count)} × ${answer} from ${party} to ${request} (${shown}${more})`,
    ];
  });
  const rest = stumbles.length - stumblesShownMax;
  if (rest > 0) lines.push(['in passing', `and ${plural(rest, 'other kind')} of failure`]);
  if (limits !== undefined) {
    const { waitedMs } = limits;
    lines.push([
      'limited',
      `${plural(limits.count, 'request')} put off (429), ${duration(waitedMs)} waited`,
    ]);
  }
  return lines;
}

/** How a capability is shown. */
export function capabilityWord({ supported }: Capability): { word: string; tone: Tone } {
  if (supported === null) return { word: 'unknown', tone: 'idle' };
  return supported ? { word: 'yes', tone: 'good' } : { word: 'no', tone: 'idle' };
}
