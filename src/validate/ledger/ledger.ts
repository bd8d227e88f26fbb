// The ledger of documents: every normative sentence of image-spec, and what the manuals of the clients say
// that a file can break; section by section.
import { annotationSections } from './annotations.ts';
import { artifactSections } from './artifacts.ts';
import { authFileSections } from './auth-file.ts';
import { certsSections } from './certs.ts';
import { configSections } from './config.ts';
import { conversionSections } from './conversion.ts';
import { descriptorSections } from './descriptor.ts';
import { digestSections } from './digests.ts';
import { generalSections } from './general.ts';
import { imageIndexSections } from './image-index.ts';
import { imageLayoutSections } from './image-layout.ts';
import { layerSections } from './layer.ts';
import { manifestSections } from './manifest.ts';
import { registriesConfSections } from './registries-conf.ts';
import type { DocumentSection } from './requirement.ts';
import { whiteoutSections } from './whiteouts.ts';

/**
 * The texts, and how they write what is normative. image-spec is its main branch after 1.1, with blake3; the
 * manuals are those of containers/image.
 */
export const documentSpecs: Readonly<Record<string, 'capitals' | 'prose'>> = {
  'image-spec/spec.md': 'capitals',
  'image-spec/media-types.md': 'capitals',
  'image-spec/descriptor.md': 'capitals',
  'image-spec/image-layout.md': 'capitals',
  'image-spec/manifest.md': 'capitals',
  'image-spec/image-index.md': 'capitals',
  'image-spec/layer.md': 'capitals',
  'image-spec/config.md': 'capitals',
  'image-spec/annotations.md': 'capitals',
  'image-spec/conversion.md': 'capitals',
  'image-spec/considerations.md': 'capitals',
  'image-spec/artifacts-guidance.md': 'capitals',
  'containers-config/containers-auth.json.5.md': 'prose',
  'containers-config/containers-registries.conf.5.md': 'prose',
  'containers-config/containers-registries.conf.d.5.md': 'prose',
  'containers-config/containers-certs.d.5.md': 'prose',
};

const files: Readonly<Record<string, readonly DocumentSection[]>> = {
  general: generalSections,
  descriptor: descriptorSections,
  digests: digestSections,
  'image-layout': imageLayoutSections,
  manifest: manifestSections,
  artifacts: artifactSections,
  'image-index': imageIndexSections,
  layer: layerSections,
  whiteouts: whiteoutSections,
  config: configSections,
  annotations: annotationSections,
  conversion: conversionSections,
  'auth-file': authFileSections,
  'registries-conf': registriesConfSections,
  certs: certsSections,
};

/** Each section with the file that it is written in. */
export const documentLedger: readonly (DocumentSection & { readonly file: string })[] =
  Object.entries(files).flatMap(([file, own]) =>
    own.map((section) => ({ ...section, file: `src/validate/ledger/${file}.ts` })),
  );
