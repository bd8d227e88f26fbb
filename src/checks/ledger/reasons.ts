// Reasons why a requirement can be seen by no check and shown by no test, where several share one.

/** Of a MAY that no check can depend on. */
export const permission = 'A permission: either way is right, and nothing shows which was meant.';

/** Of what a client owes that keeps lists of referrers in tags. */
export const keepsNoReferrersTags =
  'Binds clients that keep a list of referrers in a tag for others to read. Ours keeps none: it pushes ' +
  'subjects only as data of checks, in repositories of its own, and takes them away. ' +
  'referrers-tag-schema shows that such clients can do their part.';

/** Of what a token server or registry does with data that only it sees. */
export const behindTheScenes =
  'Happens between the token server and the registry; tokens are opaque to clients (token.md).';

/** Of refresh tokens. */
export const noRefreshTokens =
  'Refresh tokens spare clients their password; ours asks for none, and a run takes minutes.';

/** Of the form of OAuth2, which clients use that have a password. */
export const formNotAsked =
  'The checks ask for tokens by GET, as all token servers can be asked; not all know the form.';

export const wrongPasswords =
  'A wrong password on purpose may lock out the user, or the machine, at the token server.';
