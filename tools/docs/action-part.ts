// The tables of docs/ci.md that are made from action.yml: its inputs and outputs.
import { parse } from 'yaml';

interface Action {
  readonly inputs: Readonly<
    Record<string, { description: string; default?: string; required?: boolean }>
  >;
  readonly outputs: Readonly<Record<string, { description: string }>>;
}

/** The page with both tables as `action` has them, between its comments. @throws Error where a comment is missing */
export function withActionTables(page: string, action: string): string {
  const { inputs, outputs } = parse(action) as Action;
  const ofInputs = Object.entries(inputs).map(
    ([name, { description, default: byDefault, required }]) => {
      const value = required === true ? 'required' : byDefault ? `\`${byDefault}\`` : '';
      return `| \`${name}\` | ${value} | ${description} |`;
    },
  );
  const ofOutputs = Object.entries(outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${description} |`,
  );
  const tables = {
    inputs: ['| input | default | |', '|---|---|---|', ...ofInputs],
    outputs: ['| output | |', '|---|---|', ...ofOutputs],
  };
  return Object.entries(tables).reduce((text, [name, lines]) => {
    const [start, end] = [`<!-- ${name}: made from action.yml -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/ci.md has no ${start} … ${end}`);
    return `${text.slice(0, from)}${start}\n${lines.join('\n')}\n${text.slice(to)}`;
  }, page);
}
