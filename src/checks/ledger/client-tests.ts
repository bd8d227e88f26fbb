// The tests that show what our own client keeps, by what they show.
import type { ClientTest } from '../../lib/requirement.ts';

const pull = 'src/protocol/talks/pull.test.ts';
const duties = 'test/client-duties.test.ts';
const inTest =
  (file: string) =>
  (test: string): ClientTest => ({ file, test });
const inPull = inTest(pull);
const inDuties = inTest(duties);
const inReferrers = inTest('test/client-referrers.test.ts');

export const clientTests = {
  pulls: inPull('verifies config and layers of the right platform'),
  failures: inPull('%s fails as %s'),
  tokenStays: inPull('never shows its token to another host'),
  credentialsStay: inPull('sends credentials to the token server alone'),
  redirects: inPull(
    'a relative redirect stays with the registry and keeps the token; once dropped it stays dropped',
  ),
  twoClients: inPull('podman pings first, containerd asks by HEAD and answers its 401'),
  references: inTest('src/protocol/grammar/reference.test.ts')(
    'gives valid parts or a UserError, and completing twice changes nothing',
  ),
  credentials: inTest('src/access/credentials/auth-files.test.ts')(
    'from the most special key to the host',
  ),
  documents: inTest('src/protocol/grammar/manifest-document.test.ts')('refuses %s'),
  accept: inDuties('every request for a manifest says which types are understood'),
  parameters: inDuties('parameters of the Content-Type of a manifest are ignored'),
  older: inDuties('a registry without the headers of later versions is pulled from'),
  uploads: inDuties('uploads go on where the last reply said, and nowhere else'),
  chunks: inDuties(
    'chunks follow each other from byte 0, and a PUT with the digest of all ends them',
  ),
  leastChunk: inDuties('no chunk but the last is shorter than the registry wants it'),
  bodies: inDuties('what is sent has the length and the digest that are announced'),
  singlePost: inDuties('a POST that is answered 202 is followed by a PUT'),
  cancel: inDuties('an upload that is not needed any more is given up, whatever comes of that'),
  algorithm: inDuties('an upload by another algorithm than sha256 names it'),
  manifests: inDuties('a manifest is pushed as the type that it says it is, after what it names'),
  lastTag: inDuties('last is always a tag that was listed'),
  told: inDuties('a digest that a reply to a push names is held against what was pushed'),
  referrersTag: inDuties('the tag for a list of referrers is made of the digest'),
  referrersKept: inReferrers('without OCI-Subject, the tag of the subject is kept as the list'),
  referrersForeign: inReferrers('what is no index in that tag is left as it is'),
  referrersRead: inReferrers('where lists of referrers are 404, the tag is read'),
  referrersNone: inReferrers('no index in the tag means no referrers'),
  noNamespace: inDuties('no pull says ns'),
  refreshTokens: inDuties('a refresh token goes to the token server alone, and is not shown'),
  warnings: inDuties('warnings are told once, and change nothing'),
  tokens: inDuties('a token is asked for with each scope, and goes to the registry alone'),
} as const;
