// Ledger of the manual of certs.d: what a folder can break.
import type { DocumentSection } from './requirement.ts';

export const certsSections: readonly DocumentSection[] = [
  {
    section: 'containers-config/containers-certs.d.5.md#description',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'certs-folder-name',
        level: 'MUST',
        binds: 'document',
        says: 'The folder of a registry is named by its host, with the port if it has one.',
        rules: ['certs-host'],
      },
    ],
  },
  {
    section: 'containers-config/containers-certs.d.5.md#directory-structure',
    keywords: {},
    requirements: [
      {
        id: 'certs-crt',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A file .crt holds certificates of authorities.',
        rules: ['certs-content', 'certs-extension'],
      },
      {
        id: 'certs-cert',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A file .cert holds the certificate of a client.',
        rules: ['certs-content', 'certs-extension'],
      },
      {
        id: 'certs-key',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A file .key holds the key of a client.',
        rules: ['certs-content', 'certs-extension'],
      },
      {
        id: 'certs-pairs',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Certificate and key of a client have the same name.',
        rules: ['certs-pair'],
      },
    ],
  },
];
