// Legal oddities: behaviour that the specs allow and that few registries have. Rows of tables, with the text that
// permits each.
import type { Reply } from '../../call.ts';
import type { Behaviour, Fault, Target } from '../fault.ts';
import { fail } from './words.ts';

/** What an oddity does, as other faults do it. */
type Deed = { readonly on: Target } & (Behaviour | { begin(): Behaviour });

interface More {
  readonly seenIn?: readonly string[];
  /** Checks below MUST that rightly mind it, by id or globs. */
  readonly noticedBy?: readonly string[];
}

/** `legal`: the text that permits it, with its clause. */
export function oddity(
  id: string,
  title: string,
  legal: string,
  deed: Deed,
  { seenIn = [], noticedBy = [] }: More = {},
): Fault {
  return { id, title, layer: 'response', seenIn, noticedBy, legal, ...deed };
}

/** Refuses all that is asked by who may ask it. */
export function refused(status: number): (reply: Reply) => Reply {
  const isOpen = (reply: Reply) => reply.status !== 401 && reply.status !== 403;
  return (reply) => (isOpen(reply) ? fail(status, 'UNSUPPORTED')() : reply);
}

/** Clauses that permit more than one thing. */
export const clauses = {
  redirects:
    'spec.md, API: registries MAY respond to any request with a redirect; statuses are those after it',
  location: 'spec.md, Post then put: the location MAY be absolute or relative, and elsewhere',
  digest: 'spec.md, Pulling manifests: Docker-Content-Digest MAY differ in its algorithm',
  errors:
    'spec.md, Error Codes: the body of a 4xx MAY have any format; message and detail are OPTIONAL',
  headers: 'RFC 9110 5.1, 5.3, 5.5: names have no case, lines of different names no order',
  http: 'RFC 9110 and 9112: what any server may do; the spec does not define it (API)',
  auth: 'spec.md, Determining Support: authentication is out of its purview',
  link: 'RFC 8288 3: the form of Link; spec.md, Listing Tags, wants no more than rel="next"',
  discovery: 'spec.md, Requirements: Content Discovery is a SHOULD',
  types: 'RFC 9110 8.3.1: types have no case, and may have parameters',
  deletion: 'spec.md, Content Management: where deletion is disabled, 400 or 405',
} as const;
