// A YAML file to begin with: a key of a schema each, with what the schema says of it; those that nobody needs yet
// are comments.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, asString } from '../../lib/json.ts';
import { packageRoot } from '../package-root.ts';

/** Lines of YAML for a key at the top of a file. */
export interface CommentedKey {
  readonly key: string;
  /** The key and its value; without the line feed at the end. */
  readonly yaml: string;
  /** Whether it holds, or is there to be uncommented. */
  readonly isOn: boolean;
}

const lineCharsMax = 100;

/** Where editors find the edition of a schema that they read (schemas/editors). */
export function editorSchemaUrl(schema: string): string {
  return `https://raw.githubusercontent.com/pullproof/pullproof/main/schemas/editors/${schema}.schema.json`;
}

/** `schema`: its name in schemas/, as `plan`; `about`: lines at the top. */
export function commentedFile(
  schema: string,
  about: readonly string[],
  keys: readonly CommentedKey[],
): string {
  const described = descriptionsOf(schema);
  const head = [`# yaml-language-server: $schema=${editorSchemaUrl(schema)}`, ...comment(about)];
  const parts = keys.map(({ key, yaml, isOn }) => [
    ...comment(wrapped(described[key] ?? '')),
    ...(isOn ? [yaml] : comment(yaml.split('\n'))),
  ]);
  return `${[head, ...parts].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function comment(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`.trimEnd());
}

function descriptionsOf(schema: string): Readonly<Record<string, string>> {
  const path = join(packageRoot, 'schemas', `${schema}.schema.json`);
  const { properties } = asObject(JSON.parse(readFileSync(path, 'utf8'))) ?? {};
  return Object.fromEntries(
    Object.entries(asObject(properties) ?? {}).map(([key, value]) => [
      key,
      asString(asObject(value)?.description) ?? '',
    ]),
  );
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= lineCharsMax) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
