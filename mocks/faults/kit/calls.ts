// Calls as faults hand them on to the registry: the same request, changed a little.
import { asArray, asObject, parseJson } from '../../../src/lib/json.ts';
import { parseErrorBody } from '../../../src/protocol/grammar/errors.ts';
import type { Call, Reply } from '../../call.ts';
import { Fields } from '../../registry/query.ts';
import type { Scene } from '../fault.ts';

/** The first value of a field of the call's query. */
export function fieldOf(call: Call, name: string): string | undefined {
  return new Fields(call.query).one(name);
}

/** The rest of the query stays as it was written. */
export function withoutFields(call: Call, ...names: readonly string[]): Call {
  const rest = call.query
    .split('&')
    .filter((field) => !names.includes(field.split('=', 1)[0] ?? ''));
  return { ...call, query: rest.join('&') };
}

/** @param name in lower case */
export function withoutRequestHeader(call: Call, name: string): Call {
  return { ...call, header: (asked) => (asked === name ? undefined : call.header(asked)) };
}

/** Code of the first error in a reply; '' when there is none. */
export function codeOf({ body }: Reply): string {
  return body instanceof Uint8Array ? (errorsOf(body)[0]?.code ?? '') : '';
}

/** Digests that the errors of a reply are about. */
export function digestsAtFault({ body }: Reply): string[] {
  if (!(body instanceof Uint8Array)) return [];
  return errorsOf(body).flatMap(({ detail }) => {
    const digest = (detail as { digest?: unknown } | null | undefined)?.digest;
    return typeof digest === 'string' ? [digest] : [];
  });
}

/** What the registry says of an upload that is asked after with the caller's credentials. */
export function statusOfUpload({ call, registry }: Scene): Reply {
  return registry.answer({ ...call, method: 'GET', query: '' });
}

/** Whether the caller may push here, and with a valid name. */
export function mayPush({ call, registry, route }: Scene): boolean {
  const path = `/v2/${route.repository}/blobs/uploads/none`;
  return registry.answer({ ...call, method: 'GET', path, query: '' }).status === 404;
}

/** The key of the upload, manifest or blob that a request names. */
export function keyOf({ route }: Scene): string {
  return `${route.repository}@${route.reference}`;
}

/** Errors of a refusal in the spec's shape, as they are written; none where it has another. */
export function errorsIn({ body }: Reply): readonly object[] {
  if (!(body instanceof Uint8Array)) return [];
  const errors = asArray(asObject(parseJson(Buffer.from(body).toString()))?.errors) ?? [];
  return errors.flatMap((error): object[] => {
    const object = asObject(error);
    return object === undefined ? [] : [object];
  });
}

function errorsOf(body: Uint8Array) {
  return parseErrorBody(Buffer.from(body).toString()).errors;
}
