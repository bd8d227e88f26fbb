// Reasons why a requirement can be seen by no check and shown by no test, where several share one.

/** Of a MAY that no check can depend on. */
export const permission = 'A permission: either way is right, and nothing shows which was meant.';

/** Of what a token server or registry does with data that only it sees. */
export const behindTheScenes =
  'Happens between the token server and the registry; tokens are opaque to clients (token.md).';

/** Of what a refresh token is for. */
export const behindTheRefresh =
  'Known to the token server alone: a run has one user and one registry, and tries no token at another.';

export const wrongPasswords =
  'A wrong password on purpose may lock out the user, or the machine, at the token server.';
