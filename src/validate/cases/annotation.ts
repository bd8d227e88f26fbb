// Cases for the rules about annotations and labels.

import { config, entry, hex, index, layer, manifest } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

const image = (name: string, value: string) => ({ [`org.opencontainers.image.${name}`]: value });
/** A manifest with this pre-defined annotation. */
const says = (name: string, value: string) => manifest({ annotations: image(name, value) });
/** A configuration with this pre-defined label. */
const labelled = (name: string, value: string) =>
  config({ config: { Labels: image(name, value) } });

export const annotationCases: readonly RuleCase[] = [
  {
    rule: 'annotation-key',
    bad: manifest({ annotations: { maintainer: 'x', '': 'y' } }),
    good: manifest({ annotations: { 'com.example.maintainer': 'x' } }),
  },
  {
    rule: 'annotation-key',
    bad: layer({ annotations: { '.a': 'x' } }),
    good: layer({ annotations: { 'containerd.io/distribution.source.ghcr.io': 'a/b' } }),
  },
  {
    rule: 'config-label-key',
    bad: config({ config: { Labels: { maintainer: 'x' } } }),
    good: config({ config: { Labels: { 'com.example.maintainer': 'x' } } }),
  },
  {
    rule: 'annotation-encryption',
    bad: layer({ annotations: { 'org.opencontainers.image.enc.keys.jwe': 'x' } }),
    good: layer({ annotations: { 'org.example.enc.keys.jwe': 'x' } }),
  },
  {
    rule: 'annotation-reserved',
    bad: layer({ annotations: { 'org.opencontainers.image.encryption': 'x' } }),
    good: layer({ annotations: { 'org.opencontainers.image.title': 'x' } }),
  },
  { rule: 'annotation-reserved', bad: says('license', 'MIT'), good: says('licenses', 'MIT') },
  {
    rule: 'annotation-reserved',
    bad: labelled('Title', 'x'),
    good: config({ config: { Labels: { 'org.opencontainers.runtime.x': 'y' } } }),
  },
  {
    rule: 'annotation-reserved',
    bad: manifest({ annotations: { 'org.opencontainers.images.title': 'x' } }),
    good: manifest({ annotations: { 'org.opencontainers-community.title': 'x' } }),
  },
  {
    rule: 'annotation-reserved',
    bad: manifest({ annotations: { 'org.openconatiners.image.version': '1' } }),
    good: manifest({ annotations: { 'org.openapi.image.version': '1' } }),
  },
  {
    rule: 'annotation-created',
    bad: says('created', '2024-02-29 12:30:00'),
    good: says('created', '2024-02-29T12:30:00+01:00'),
  },
  {
    rule: 'annotation-created',
    bad: labelled('created', '2023-02-29T12:30:00Z'),
    good: labelled('created', ''),
  },
  {
    rule: 'annotation-url',
    bad: says('source', 'git@github.com:team/app.git'),
    good: says('source', 'git+ssh://git@github.com/team/app.git'),
  },
  { rule: 'annotation-url', bad: says('url', 'example.com/app'), good: says('url', '') },
  {
    rule: 'annotation-url',
    bad: says('documentation', 'https:///app'),
    good: says('documentation', 'https://example.com/a?b#c'),
  },
  {
    rule: 'annotation-licenses',
    bad: says('licenses', 'Apache 2.0'),
    good: says('licenses', '(apache-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0) AND MIT'),
  },
  {
    rule: 'annotation-licenses',
    bad: labelled('licenses', 'MIT, BSD-3-Clause'),
    good: labelled('licenses', 'LGPL-2.1+ AND DocumentRef-a:LicenseRef-b'),
  },
  { rule: 'annotation-licenses', bad: says('licenses', '(MIT'), good: says('licenses', '((MIT))') },
  {
    rule: 'annotation-ref-name',
    bad: index({ manifests: [entry({ annotations: image('ref.name', 'a//b') })] }),
    good: index({ manifests: [entry({ annotations: image('ref.name', 'a.test:5000/b--c@1+2') })] }),
  },
  {
    rule: 'annotation-ref-name',
    bad: labelled('ref.name', 'a__b'),
    good: labelled('ref.name', 'v1.0-rc.1'),
  },
  {
    rule: 'annotation-base-digest',
    bad: says('base.digest', 'sha256:abc'),
    good: says('base.digest', `sha256:${hex(1)}`),
  },
  {
    rule: 'annotation-base-name',
    bad: says('base.name', 'my-org/my-image:tag'),
    good: says('base.name', 'registry.example.com/my-org/my-image:tag'),
  },
  {
    rule: 'annotation-base-name',
    bad: says('base.name', 'a.test/B'),
    good: says('base.name', 'localhost/b'),
  },
];
