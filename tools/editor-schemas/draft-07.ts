// A schema of draft 2020-12 said in draft-07, which is what editors read: keyword by keyword, by a table, so that
// what has no counterpart stops the build instead of being lost.

type Node = Readonly<Record<string, unknown>>;

/** What a keyword holds, and so how it is said. */
type Translation = (value: unknown, keyword: string) => Node;

const asItIs: Translation = (value, keyword) => ({ [keyword]: value });
const oneSchema: Translation = (value, keyword) => ({ [keyword]: inDraft07(value) });
const schemaList: Translation = (value, keyword) => ({
  [keyword]: (value as unknown[]).map(inDraft07),
});
const schemasByName: Translation = (value, keyword) => ({
  [keyword]: byName(value, inDraft07),
});
const dropped: Translation = () => ({});

/** Keywords by what they hold; draft-07 has all of them in the same sense, but for those that say otherwise. */
const translations: Readonly<Record<string, Translation>> = {
  ...entries(asItIs, [
    ...['title', 'description', 'default', 'examples', 'type', 'enum', 'const', 'format'],
    ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
    ...['minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'uniqueItems'],
    ...['minProperties', 'maxProperties', 'required'],
  ]),
  ...entries(oneSchema, [
    ...['items', 'additionalProperties', 'propertyNames', 'contains'],
    ...['not', 'if', 'then', 'else'],
  ]),
  ...entries(schemaList, ['anyOf', 'oneOf', 'allOf']),
  ...entries(schemasByName, ['properties', 'patternProperties']),
  $comment: asItIs,
  $defs: (value) => ({ definitions: byName(value, inDraft07) }),
  // Both are one keyword in draft-07; a schema that has both would lose one, so it is refused below.
  dependentSchemas: (value) => ({ dependencies: byName(value, inDraft07) }),
  dependentRequired: (value) => ({ dependencies: value }),
  prefixItems: (value) => ({ items: (value as unknown[]).map(inDraft07) }),
  $ref: (value) => ({ $ref: localReference(String(value)) }),
  // The root names both anew.
  $schema: dropped,
  $id: dropped,
};

/** Our own annotations, which no editor knows. */
const isOurs = (keyword: string) => keyword.startsWith('x-');

/** @throws Error for what draft-07 cannot say, or not in the same words. */
export function inDraft07(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as Node;
  for (const [one, other] of conflicts) {
    if (one in node && other in node) throw new Error(`${one} beside ${other}: not in draft-07`);
  }
  const parts = Object.entries(node)
    .filter(([keyword]) => !isOurs(keyword))
    .map(([keyword, value]) => translated(keyword, value));
  const { $ref, ...rest } = Object.assign({}, ...parts) as Node;
  if ($ref === undefined) return rest;
  // Draft-07 reads nothing beside a $ref.
  return Object.keys(rest).length === 0 ? { $ref } : { ...rest, allOf: [{ $ref }] };
}

const conflicts = [
  ['dependentSchemas', 'dependentRequired'],
  ['prefixItems', 'items'],
  ['$ref', 'allOf'],
] as const;

function translated(keyword: string, value: unknown): Node {
  const translation = Object.hasOwn(translations, keyword) ? translations[keyword] : undefined;
  if (translation === undefined) throw new Error(`${keyword}: not known to be in draft-07`);
  return translation(value, keyword);
}

function localReference(reference: string): string {
  if (!reference.startsWith('#/$defs/')) throw new Error(`$ref ${reference}: not of this file`);
  return reference.replace('#/$defs/', '#/definitions/');
}

function byName(value: unknown, change: (schema: unknown) => unknown): Node {
  return Object.fromEntries(
    Object.entries(value as Node).map(([name, schema]) => [name, change(schema)]),
  );
}

function entries(translation: Translation, keywords: readonly string[]) {
  return Object.fromEntries(keywords.map((keyword) => [keyword, translation]));
}
