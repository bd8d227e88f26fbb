// Documents of the bench: typical manifests, each another one, and an index as large as they come.
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';

const layersPerManifest = 6;

function digest(number: number): string {
  return `sha256:${number.toString(16).padStart(64, '0')}`;
}

/** An image manifest of about 1.5 kB, laid out as builders write it. */
export function manifestText(number: number): string {
  const layers = Array.from({ length: layersPerManifest }, (_, at) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: digest(number * layersPerManifest + at),
    size: 1_000_000 + at,
  }));
  const config = { mediaType: mediaTypes.ociConfig, digest: digest(number), size: 2_000 };
  const annotations = {
    'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
    'org.opencontainers.image.source': 'https://example.com/team/app',
    'org.opencontainers.image.version': `1.2.${number}`,
  };
  const mediaType = mediaTypes.ociManifest;
  return JSON.stringify({ schemaVersion: 2, mediaType, config, layers, annotations }, null, 2);
}

/** An index of so many entries, in one line. */
export function indexText(entries: number): string {
  const manifests = Array.from({ length: entries }, (_, at) => ({
    mediaType: mediaTypes.ociManifest,
    digest: digest(at),
    size: 1_000 + at,
    artifactType: 'application/vnd.example.report.v1',
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
}
