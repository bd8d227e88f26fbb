// `pullproof explain IMAGE`: how a name resolves on this host for a client, and what each host would be shown. Asks no
// registry; credential helpers are run, as the client runs them.

import { labelled, painter, wrap } from '../../reports/text-layout.ts';
import { oneLine } from '../../reports/untrusted.ts';
import { thisHost } from '../access/host-view.ts';
import { resolveRoute } from '../access/resolve.ts';
import {
  type ExplainedEndpoint,
  type ExplainedRoute,
  explainRoute,
} from '../doctor/route-results.ts';
import { UserError } from '../lib/user-error.ts';
import { profiles } from '../profiles/index.ts';
import { remarksOn } from './explain-remarks.ts';
import { rootOf } from './host-access.ts';
import { accessFlagsOf, type Flags } from './verb.ts';

const clientDefault = 'podman';

/** Whether a word that is no id is meant as an image, whatever ids are like it. */
export function looksLikeImage(word: string, flags: Flags): boolean {
  return flags.client !== undefined || /[/:@.]/.test(word);
}

/** Resolves to the exit code: 1 where the client would ask nobody. @throws UserError (exit 2) */
export async function explainImage(image: string, flags: Flags): Promise<number> {
  const client = (flags.client as string | undefined) ?? clientDefault;
  if (!Object.hasOwn(profiles, client)) {
    throw new UserError(
      'client-unknown',
      `there is no client ${JSON.stringify(client.slice(0, 100))}`,
      '`pullproof list profiles` names them.',
    );
  }
  const host = thisHost(rootOf(flags));
  const explained = explainRoute(
    await resolveRoute(image, client, host, await accessFlagsOf(flags)),
  );
  const remarks = await remarksOn(client, host);
  process.stdout.write(
    flags.format === 'json'
      ? `${JSON.stringify({ ...explained, remarks }, null, 2)}\n`
      : renderRoute(explained, remarks),
  );
  return explained.refused ? 1 : 0;
}

const width = 80;
const paint = painter(false);
const charsMax = 400;

/** Lines of at most 80 columns, but for single words that are longer. */
export function renderRoute(route: ExplainedRoute, remarks: readonly string[]): string {
  const { image, client, ambiguous, refused } = route;
  const why = route.problems.some(({ fatal }) => fatal) ? 'see below.' : 'see above.';
  const sections = [
    [`${line(image)}, as ${client} gets at it`],
    ...(ambiguous === undefined ? [] : [indented(ambiguous, 2)]),
    ...route.candidates.map(candidateLines),
    ...(refused ? [indented(`${client} would ask no registry at all: ${why}`, 2)] : []),
    titled('What is wrong', problemLines(route)),
    titled('Files, in the order in which they are read', fileLines(route)),
    titled(
      'Good to know',
      remarks.flatMap((remark) => indented(remark, 2)),
    ),
  ];
  const shown = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function line(text: string): string {
  return oneLine(text, charsMax);
}

function indented(text: string, by: number): string[] {
  return wrap(line(text), width - by).map((one) => `${' '.repeat(by)}${one}`);
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function candidateLines(candidate: ExplainedRoute['candidates'][number]): string[] {
  const { name, how, written, blocked, endpoints, leftOut } = candidate;
  const said = written === 'default' ? how : `${how}, ${written}`;
  return [
    ...wrap(line(`${name} (${said})`), width),
    ...(blocked === undefined
      ? []
      : indented(`blocked (${blocked}): the registry is not asked`, 2)),
    ...endpoints.flatMap((endpoint, at) => endpointLines(endpoint, at + 1)),
    ...leftOut.flatMap((one) => indented(`not asked: ${one}`, 2)),
  ];
}

function endpointLines(endpoint: ExplainedEndpoint, number: number): string[] {
  const at = { indent: 5, labelWidth: 12, width, paint };
  const row = (label: string, text: string) => (text === '' ? [] : labelled(label, line(text), at));
  const looked = (files: ExplainedRoute['files']) =>
    files.map(({ path, state }) => `${path} (${state})`);
  return [
    `  ${number}. ${endpoint.role} ${line(endpoint.url)}`,
    ...row('asks', endpoint.manifest),
    ...row('because of', endpoint.written === 'default' ? '' : endpoint.written),
    ...row('only for', endpoint.only),
    ...row('with', endpoint.adds.join(', ')),
    ...row('plain HTTP', endpoint.plainHttp),
    ...row('credential', endpoint.credential),
    ...row('trusts', endpoint.trust),
    ...looked(endpoint.certificateFolders).flatMap((text, index) =>
      labelled(index === 0 ? 'looked in' : '', line(text), at),
    ),
    ...row('proxy', endpoint.proxy),
  ];
}

function problemLines({ problems }: ExplainedRoute): string[] {
  return problems.flatMap(({ id, written, message, hint, fatal }) => [
    ...indented(`${id} (${written})${fatal ? ': the client ends here' : ''}`, 2),
    ...indented(message, 4),
    ...indented(hint, 4),
  ]);
}

function fileLines({ files }: ExplainedRoute): string[] {
  const longest = Math.max(0, ...files.map(({ state }) => state.length));
  return files.map(({ path, state }) => `  ${state.padEnd(longest)}  ${line(path)}`);
}
