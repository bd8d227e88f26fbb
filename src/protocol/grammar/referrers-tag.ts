// The tag that stands in for a list of referrers (distribution-spec, "Referrers Tag Schema").

/** What tags can spell, and how much of each part of the digest. */
const algorithmCharsMax = 32;
const encodedCharsMax = 64;

/** Name of the tag with the list of a subject's referrers. */
export function referrersTag(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':');
  const spelt = (part: string) => part.replace(/[^a-zA-Z0-9._-]/g, '-');
  return `${spelt(algorithm).slice(0, algorithmCharsMax)}-${spelt(encoded).slice(0, encodedCharsMax)}`;
}

/** Of the registered algorithms, whose hex fills what is left of it: others look like any tag. */
const registeredTag = /^(?:sha256|sha512|blake3)-[a-f0-9]{64}$/;

/** Whether a tag has the form of one that is made of a digest. */
export function isReferrersTag(tag: string): boolean {
  return registeredTag.test(tag);
}
