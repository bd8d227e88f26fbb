// The causes of failing pulls as a page of Markdown, by subject.
import type { Cause } from '../../src/doctor/causes/cause.ts';

/** By room of src/doctor/causes. */
const headings: Readonly<Record<string, string>> = {
  names: 'What the configuration makes of the name',
  mirrors: 'Mirrors',
  dns: 'Names that do not resolve',
  reach: 'The way is closed',
  proxies: 'Proxies',
  paths: 'What is sent gets lost',
  tls: 'Certificates and TLS',
  clock: 'The clock',
  replies: 'Servers that answer otherwise',
  credentials: 'Credentials',
  redirects: 'Redirects',
  content: 'What is pulled',
  limits: 'Limits and policies',
};

const clients = {
  podman: 'podman',
  docker: 'Docker',
  containerd: 'containerd',
  kubelet: 'kubelet',
};

/** Depends on nothing but the catalogue. */
export function causesPage(rooms: Readonly<Record<string, readonly Cause[]>>): string {
  const all = Object.values(rooms).flat();
  const lines = [
    '# Why a pull fails',
    '',
    'Made from the catalogue by `npm run docs`. These are the causes that `pullproof doctor` can name, each with the',
    'evidence that decides it; `pullproof explain CAUSE` shows one. The matrix of test/cause-matrix holds each to be',
    'found in its own situation and in no other, and what it says of clients to be their words. In those, `<…>` stands',
    'for what varies, `<a|b>` for one of them.',
    '',
    'Where two causes fit what was seen, the doctor names both as possible, with what would tell. A failure that none',
    'fits is told as `unexplained-` and its class, never as one of these.',
    '',
    `${all.length} causes.`,
    '',
    '| Cause | In short | Who can mend it |',
    '|---|---|---|',
    ...all.map(({ id, title, who }) => `| [\`${id}\`](#${id}) | ${cell(title)} | ${who} |`),
  ];
  for (const [room, causes] of Object.entries(rooms)) {
    lines.push('', `## ${headings[room] ?? room}`, ...causes.flatMap(sectionOf));
  }
  return `${lines.join('\n')}\n`;
}

function sectionOf({
  id,
  title,
  explanation,
  says,
  decidedBy,
  remedy,
  who,
  seenIn,
}: Cause): string[] {
  const words = Object.entries(says).map(
    ([client, text]) => `- ${clients[client as keyof typeof clients]}: ${code(text)}`,
  );
  return [
    '',
    `### ${id}`,
    '',
    `${prose(title)}. ${prose(explanation)}`,
    ...(words.length === 0 ? [] : ['', ...words]),
    '',
    `Decided by: ${prose(decidedBy)}`,
    '',
    `What to do (${who}):`,
    ...remedy.map((step) => `- ${prose(step)}`),
    ...(seenIn.length === 0 ? [] : ['', `Seen in ${seenIn.join(', ')}.`]),
  ];
}

/** Backticks are in none of the words of clients but one pair, which needs a longer fence. */
function code(text: string): string {
  return text.includes('`') ? `\`\`\` ${text} \`\`\`` : `\`${text}\``;
}

/** `<x>` outside of code would be a tag. */
function prose(text: string): string {
  return text
    .split('`')
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll('<', '&lt;')))
    .join('`');
}

const cell = (text: string) => prose(text).replaceAll('|', '\\|');
