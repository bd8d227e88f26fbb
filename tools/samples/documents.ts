// Documents with mistakes that people make, for the sample of `validate`.

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const manifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: digest('1'),
    size: 428,
  },
  layers: [
    {
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      digest: digest('2'),
      size: 3_370_706,
    },
    {
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      // A digit is missing.
      digest: digest('3').slice(0, -1),
      size: -1,
    },
  ],
};

const index = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digest('4'),
      size: 1_412,
      platform: { os: 'linux', architecture: 'x86_64' },
    },
  ],
};

/** Text by file name. */
export const documents: Readonly<Record<string, string>> = {
  'manifest.json': `${JSON.stringify(manifest, null, 2)}\n`,
  'index.json': `${JSON.stringify(index, null, 2)}\n`,
};
