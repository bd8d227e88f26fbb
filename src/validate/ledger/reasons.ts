// Reasons why no document can show whether a requirement is kept, where several share one.

/** Of a MAY that no rule can depend on. */
export const permission = 'A permission: either way is right, and nothing shows which was meant.';

/** Of what a program does with a document that it reads, copies or runs. */
export const atWork = 'Says what a program does; no document shows what one did with it.';

/** Of conversion.md. */
export const conversion =
  'About the conversion to a configuration of the runtime, which leaves no trace in the image.';

/** Of what the document does not tell of its own making. */
export const making = 'About how it was made, which what was made does not tell.';

/** Of what other specifications, and later versions, are to do. */
export const otherSpecs = 'About specifications, not about documents.';
