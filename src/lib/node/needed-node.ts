// The Node that pullproof needs. Looked at before all else, so this uses nothing that an old Node lacks.

/** What is wrong with a Node of this version; undefined for one that will do. */
export function wrongNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return undefined;
  return `pullproof needs Node 22.18 or newer, this is v${version}`;
}
