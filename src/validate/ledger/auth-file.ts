// Ledger of the manual of auth.json: what a file can break.
import { atWork } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const authFileSections: readonly DocumentSection[] = [
  {
    section: 'containers-config/containers-auth.json.5.md#description',
    keywords: {},
    requirements: [
      {
        id: 'auth-file-json',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'The file is JSON.',
        rules: ['auth-file-object', 'json-syntax'],
      },
      {
        id: 'auth-file-dockercfg',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A .dockercfg is read as well, last of all; its entries stand at the top.',
        rules: ['dockercfg-object', 'dockercfg-name'],
      },
      {
        id: 'auth-file-read-only',
        level: 'MAY',
        keywords: 0,
        binds: 'program',
        says: 'All files but the first are only read.',
        unobservable: atWork,
      },
    ],
  },
  {
    section: 'containers-config/containers-auth.json.5.md#format',
    keywords: {},
    requirements: [
      {
        id: 'auth-entries',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Entries are objects below auths, by the name of what they are for.',
        rules: [
          'auth-auths',
          'auth-entry',
          'auth-text',
          'auth-file-empty',
          'auth-file-unknown-key',
        ],
      },
      {
        id: 'auth-entry-key',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'An entry is for a host, or for a namespace of one.',
        rules: ['auth-key', 'auth-key-duplicate', 'auth-key-login'],
      },
      {
        id: 'auth-entry-encoding',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'The auth of an entry is user, colon and password in Base64.',
        rules: ['auth-encoding', 'auth-line-end', 'auth-missing'],
      },
      {
        id: 'auth-lookup',
        level: 'MUST',
        keywords: 0,
        binds: 'program',
        says: 'The entry with the longest name that fits counts.',
        unobservable: atWork,
      },
      {
        id: 'auth-helpers',
        level: 'MAY',
        keywords: 0,
        binds: 'document',
        says: 'Programs may keep the secrets, each for a host.',
        rules: ['auth-cred-helpers', 'auth-creds-store', 'credential-helper-empty'],
      },
      {
        id: 'auth-helpers-names',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A helper is named by what follows docker-credential-, and its key is the name of a registry.',
        rules: ['auth-cred-helpers', 'auth-helper', 'auth-key', 'credential-helper-name'],
      },
    ],
  },
];
