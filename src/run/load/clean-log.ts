// The log of k6, kept without secrets: k6 itself logs whole URLs, with what is signed into them, and what
// servers say stands in lines of ours, as JSON within JSON.
import { readFile, writeFile } from 'node:fs/promises';
import type { K6Plan } from '../../../scenarios/lib/plan.ts';
import { Redactor } from '../../drivers/redact.ts';
import { asObject, asString, parseJson } from '../../lib/json.ts';
import { base64 } from '../../protocol/grammar/base64.ts';

/** Takes secrets out of the file, and returns what it holds then; '' for a file that is not there. */
export async function cleanLog(file: string, plan: K6Plan): Promise<string> {
  const redactor = new Redactor();
  for (const { credentials } of [...plan.images, ...(plan.push ? [plan.push] : [])]) {
    if (credentials === undefined) continue;
    redactor.add(credentials.password);
    redactor.add(credentials.identityToken ?? '');
    redactor.add(base64(`${credentials.username}:${credentials.password}`));
  }
  const raw = await readFile(file, 'utf8').catch(() => '');
  const log = cleanText(raw, redactor);
  if (log !== raw) await writeFile(file, log);
  return log;
}

export function cleanText(raw: string, redactor: Redactor): string {
  return raw
    .split('\n')
    .map((line) => cleanLine(line, redactor))
    .join('\n');
}

/** Text by text where a line holds JSON of ours: taken as one, a secret would end where its quoting does not. */
function cleanLine(line: string, redactor: Redactor): string {
  const entry = asObject(parseJson(line));
  const told = asObject(parseJson(asString(entry?.msg) ?? ''));
  if (entry === undefined || told === undefined) return redactor.text(line);
  const { msg, ...others } = entry;
  const clean = (value: unknown) => cleanValue(value, redactor);
  return JSON.stringify({ ...(clean(others) as object), msg: JSON.stringify(clean(told)) });
}

function cleanValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, redactor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, cleanValue(one, redactor)]),
  );
}
