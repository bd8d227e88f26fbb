// Whether a document is one of ours, by schemas/results.schema.json.
import validate from '../validate/generated/results.js';

/** What is wrong with it, or undefined. */
export function validateResults(document: unknown): string | undefined {
  if (validate(document)) return undefined;
  const first = validate.errors?.[0];
  return `${first?.instancePath || 'the document'} ${first?.message ?? 'does not fit the schema'}`;
}
