// Where `validate` and image-spec's own validator (its draft-04 schemas and Go types) disagree, and which
// section of the text decides. The test fails on any disagreement that is not here, and on an entry
// whose example no longer shows one.

import {
  config,
  descriptor,
  entry,
  index,
  layer,
  manifest,
} from '../../../src/validate/cases/documents.ts';

export type OracleKind = 'manifest' | 'index' | 'config' | 'descriptor';

interface Difference {
  /** Section of the text that decides. */
  readonly section: string;
  readonly why: string;
  /** Kinds of document in which it can be. */
  readonly kinds: readonly OracleKind[];
  /** A document of the first kind that shows it; a string stands for itself. */
  readonly example: object | string;
}

/** Documents that only we refuse: by these rules. */
export interface Stricter extends Difference {
  readonly rules: readonly string[];
}

/** Documents that only the oracle refuses: with such an error. */
export interface Laxer extends Difference {
  readonly error: RegExp;
  /** The warning that we give instead, where we give one. */
  readonly warning?: string;
}

export const stricter: readonly Stricter[] = [
  {
    section: 'image-spec/manifest.md#image-manifest-property-descriptions',
    why: 'mediaType MUST be the one of an image manifest; the schema asks for any media type',
    rules: ['manifest-media-type'],
    kinds: ['manifest'],
    example: manifest({ mediaType: 'application/vnd.oci.image.index.v1+json' }),
  },
  {
    section: 'image-spec/image-index.md#image-index-property-descriptions',
    why: 'mediaType MUST be the one of an image index; the schema asks for any media type',
    rules: ['index-media-type'],
    kinds: ['index'],
    example: index({ mediaType: 'application/vnd.oci.image.manifest.v1+json' }),
  },
  {
    section: 'image-spec/manifest.md#guidelines-for-artifact-usage',
    why: 'artifactType MUST be there with the empty config; the schema does not look at both',
    rules: ['manifest-artifact-type-missing'],
    kinds: ['manifest'],
    example: manifest({ config: descriptor({ mediaType: 'application/vnd.oci.empty.v1+json' }) }),
  },
  {
    section: 'image-spec/media-types.md#media-type-conflicts',
    why: 'a document with layers and manifests is two documents; the schema allows any member',
    rules: ['manifest-index-confusion'],
    kinds: ['manifest', 'index'],
    example: manifest({ manifests: [] }),
  },
  {
    section: 'image-spec/descriptor.md#registered-algorithms',
    why: 'registered algorithms fix the encoding; the validator looks at lone descriptors only',
    rules: ['digest-encoding'],
    kinds: ['manifest', 'index', 'config'],
    example: layer({ digest: 'sha256:abc' }),
  },
  {
    section: 'image-spec/descriptor.md#digests',
    why: 'diff_ids are digests and fit the grammar; the schema asks for any strings',
    rules: ['digest-grammar'],
    kinds: ['config'],
    example: config({ rootfs: { type: 'layers', diff_ids: ['x'] }, history: [] }),
  },
  {
    section: 'image-spec/descriptor.md#properties',
    why: 'size MUST NOT be negative; the schema allows any int64',
    rules: ['descriptor-size'],
    kinds: ['index', 'manifest', 'descriptor'],
    example: index({ manifests: [entry({ size: -1 })] }),
  },
  {
    section: 'image-spec/descriptor.md#properties',
    why: 'urls MUST be URIs; the validator does not always assert formats, and Go parses leniently',
    rules: ['url-syntax'],
    kinds: ['manifest', 'index', 'descriptor'],
    example: layer({ urls: ['https://a.test/a b'] }),
  },
  {
    section: 'image-spec/descriptor.md#properties',
    why: 'data MUST be the content that digest and size describe; the schema sees one member',
    rules: ['descriptor-data-mismatch'],
    kinds: ['descriptor', 'manifest', 'index'],
    example: descriptor({ data: 'e30=', size: 2 }),
  },
  {
    section: 'image-spec/descriptor.md#properties',
    why: 'data MUST be Base64 of RFC 4648 section 4; Go skips line ends in it',
    rules: ['descriptor-data'],
    kinds: ['manifest', 'index', 'descriptor'],
    example: layer({ data: 'e3\n0=', size: 2, digest: 'x:1' }),
  },
  {
    section: 'image-spec/descriptor.md#properties',
    why: 'optional members have types in every descriptor; the schema of entries leaves some out, and null is nothing to Go',
    rules: ['media-type-grammar', 'descriptor-data', 'descriptor-object'],
    kinds: ['index', 'manifest', 'descriptor'],
    example: index({ manifests: [entry({ artifactType: 'x' })] }),
  },
  {
    section: 'image-spec/image-index.md#image-index-property-descriptions',
    why: 'a platform has its form wherever it stands; the schema knows it in an index only',
    rules: [
      'platform-object',
      'platform-os',
      'platform-architecture',
      'platform-text',
      'platform-list',
    ],
    kinds: ['descriptor', 'manifest', 'index'],
    example: descriptor({ platform: {} }),
  },
  {
    section: 'image-spec/annotations.md#rules',
    why: 'every value is a string, that of the empty name too; null is nothing to Go',
    rules: ['annotation-value', 'config-label-value'],
    kinds: ['manifest', 'index', 'descriptor', 'config'],
    example: manifest({ annotations: { '': null } }),
  },
  {
    section: 'image-spec/config.md#properties',
    why: 'the reserved members have types; the schema leaves them out',
    rules: [
      'config-reserved-number',
      'config-healthcheck',
      'config-healthcheck-test',
      'config-healthcheck-number',
    ],
    kinds: ['config'],
    example: config({ config: { Memory: '1g' } }),
  },
  {
    section: 'image-spec/considerations.md#json',
    why: 'JSON MUST be I-JSON: UTF-8, no name twice, whole characters; Go reads more',
    rules: ['json-duplicate-key', 'json-surrogate', 'json-utf8'],
    kinds: ['manifest', 'index', 'descriptor', 'config'],
    example: JSON.stringify(manifest()).replace('{', '{"x":1,"x":2,'),
  },
  {
    section: 'rfc8259#section-9',
    why: 'we give up at limits of our own, far above any document',
    rules: ['document-limits'],
    kinds: ['manifest', 'index', 'descriptor', 'config'],
    example: JSON.stringify(manifest()).replace('{', `{"x":${'['.repeat(600)}${']'.repeat(600)},`),
  },
];

export const laxer: readonly Laxer[] = [
  {
    section: 'image-spec/manifest.md#image-manifest-property-descriptions',
    why: 'layers SHOULD have an entry: a warning; the schema demands one',
    error: /layers' .*minimum 1 items required/,
    warning: 'manifest-layers-empty',
    kinds: ['manifest'],
    example: manifest({ layers: [] }),
  },
  {
    section: 'image-spec/image-index.md#image-index-property-descriptions',
    why: 'manifests MUST be there and MAY be empty; null is how Go writes it empty: a warning',
    error: /manifests' .*expected array, but got null/,
    warning: 'index-manifests-null',
    kinds: ['index'],
    example: index({ manifests: null }),
  },
  {
    section: 'image-spec/config.md#properties',
    why: 'any OPTIONAL field MAY be null; the schema allows it for few',
    error: /expected \S+(?: or \S+)?, but got null/,
    kinds: ['config'],
    example: config({ author: null }),
  },
  {
    section: 'image-spec/config.md#properties',
    why: 'Env has no MUST for its form: a warning; and values may have lines, names begin with =',
    error: /unexpected env/,
    kinds: ['config'],
    example: config({ config: { Env: ['=C:=C:\\'] } }),
  },
  {
    section: 'rfc3339#section-5.6',
    why: 'T and Z may be lower case, and a leap second is a time; Go parses neither',
    error: /parsing time|Time\.UnmarshalJSON/,
    kinds: ['config'],
    example: config({ created: '2016-12-31t23:59:60z' }),
  },
  {
    section: 'image-spec/considerations.md#extensibility',
    why: 'names in other letters are unknown members (and a warning); Go takes them for the known',
    error: /format mismatch: json: cannot unmarshal/,
    warning: 'member-case',
    kinds: ['manifest', 'index', 'descriptor'],
    example: manifest({ Layers: 5 }),
  },
];
