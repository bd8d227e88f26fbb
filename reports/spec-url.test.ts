import { expect, test } from 'vitest';
import { specUrl } from './spec-url.ts';

test.each([
  ['image-spec/manifest.md#properties', 'https://github.com/opencontainers/image-spec/'],
  ['rfc8259#section-8.1', 'https://www.rfc-editor.org/rfc/rfc8259.html#section-8.1'],
  ['toml/v1.0.0#spec', 'https://toml.io/en/v1.0.0#spec'],
  ['yaml/1.2.2#introduction-to-yaml', 'https://yaml.org/spec/1.2.2/#introduction-to-yaml'],
  ['docker-registry/token.md', 'https://github.com/distribution/distribution/'],
  ['docker-registry/api.md#x', 'https://github.com/distribution/distribution/'],
  [
    'docker-image-spec/v1.2.md#x',
    'https://github.com/moby/docker-image-spec/blob/v1.2.0/v1.2.md#x',
  ],
  ['containers-config/containers-auth.json.5.md', 'https://github.com/containers/container-libs/'],
  ['containers-config/containers-registries.conf.5.md#x', 'https://github.com/containers/'],
  ['pullproof/config.schema.json', undefined],
  ['rfc1@evil.example', undefined],
  ['toml/@evil.example/', undefined],
  ['image-spec/../../evil/x.md', undefined],
  ['image-spec/manifest.md#"onclick', undefined],
  ['javascript:alert(1)', undefined],
  ['compat/token.md#flow', undefined],
])('%s leads to %s', (section, start) => {
  if (start === undefined) expect(specUrl(section)).toBeUndefined();
  else expect(specUrl(section)?.startsWith(start)).toBe(true);
});
