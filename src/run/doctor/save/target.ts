// Where a pulled image is kept: `oci:DIR[:TAG]`, `dir:DIR`, `docker-archive:FILE[:NAME:TAG]`, as skopeo writes them.

export interface SaveTarget {
  readonly transport: 'oci' | 'dir' | 'docker-archive';
  readonly path: string;
  /** Tag of a layout, name and tag in an archive; '' for none. */
  readonly name: string;
  /** As given. */
  readonly text: string;
}
