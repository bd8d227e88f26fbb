// The folders in which containerd looks for what is said of one registry.

/** Within one root, in its order: the first that is there counts, `_default` stands for all that have none. */
export function hostFolders(root: string, registry: string): string[] {
  const withoutColon = folderName(registry);
  const own = withoutColon === registry ? [registry] : [withoutColon, registry];
  return [...own, '_default'].map((name) => `${root.replace(/\/+$/, '')}/${name}`);
}

/** `host_port_` for `host:port`: where file names have no colons. */
function folderName(registry: string): string {
  const colon = registry.lastIndexOf(':');
  return colon > 0 ? `${registry.slice(0, colon)}_${registry.slice(colon + 1)}_` : registry;
}
