// Which members the schemas know at which place of a document, for what validation cannot say: that a name
// belongs elsewhere, or is nearly a known one. Part of `npm run generate`.

import type { MemberTable } from '../src/validate/rules/member-table.ts';

export type SchemaNode = { [keyword: string]: unknown };

/** Finds the node that a `$ref` in a schema of this file leads to. */
export type Resolve = (ref: string, file: string) => { node: SchemaNode; file: string };

/** Schemas refer to themselves nowhere; this is far deeper than any of them. */
const depthMax = 32;

/** The members that a schema node knows, those of what it refers to included. */
export function memberTable(
  node: SchemaNode,
  file: string,
  resolve: Resolve,
  depth = 0,
): MemberTable {
  if (depth > depthMax) throw new Error(`${file}: schemas that refer to themselves`);
  const below = (child: unknown) => memberTable(child as SchemaNode, file, resolve, depth + 1);
  let table: MemberTable = {};
  if (typeof node.$ref === 'string') {
    const target = resolve(node.$ref, file);
    table = memberTable(target.node, target.file, resolve, depth + 1);
  }
  const own = Object.entries(node.properties ?? {})
    .filter(([, child]) => !isForbidden(child))
    .map(([name, child]) => [name, { ...table.members?.[name], ...below(child) }]);
  const each = node.items ?? objectOf(node.additionalProperties);
  return {
    ...table,
    ...(typeof node['x-place'] === 'string' && { place: node['x-place'] }),
    ...(own.length > 0 && { members: { ...table.members, ...Object.fromEntries(own) } }),
    ...(each !== undefined && { each: below(each) }),
  };
}

/** Whether no value at all may stand there. */
function isForbidden({ not }: SchemaNode): boolean {
  return not !== undefined && Object.keys(not as object).length === 0;
}

function objectOf(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}
