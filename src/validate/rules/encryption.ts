// Encrypted layers: ocicrypt keeps its keys in annotations of its own under a name that is OCI's, and
// skopeo, podman, buildah, containerd and nerdctl read them.

import { childPointer } from '../../formats/places.ts';
import type { Kind } from '../kinds.ts';
import { quote, type ValueRule } from './rule.ts';

export const encryptionKeys = 'org.opencontainers.image.enc.';

const kinds: readonly Kind[] = ['manifest', 'index', 'descriptor'];

export const encryptionRules: readonly ValueRule[] = [
  {
    id: 'annotation-encryption',
    level: 'note',
    spec: 'image-spec/annotations.md#rules',
    summary: 'No layer is encrypted, for which image-spec has neither types nor annotations.',
    fix: 'It is meant so: leave them as they are, and see that whoever pulls has ocicrypt and the keys.',
    kinds,
    check({ annotations: all }, report) {
      for (const { annotations, pointer } of all) {
        const key = Object.keys(annotations).find((name) => name.startsWith(encryptionKeys));
        if (key === undefined) continue;
        const detail = `${quote(key)} is of ocicrypt, which encrypts layers`;
        report(childPointer(pointer, key), detail, 'name');
      }
    },
  },
];
