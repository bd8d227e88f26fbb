// What stands above the tables of the two pages of requirements.

const counting = [
  '`node test/lib/count-keywords.ts SPEC FILE` counts the words in the text of a spec and says where',
  'the ledger differs, for when there is a new version of it.',
];

export const requirementsOfRegistries = {
  title: 'Requirements',
  intro: [
    'Every normative sentence of the OCI distribution spec, and of the documents about tokens of the',
    'Docker registry, in our words: whom it binds, and what holds them to it. That is **checks** of',
    '`pullproof conform`, or tests that show that our own **client** keeps it, or nothing, because it is',
    '**unobservable** for the reason given. Where the names of checks have a `*`, the number of checks is',
    'given. A sentence without a normative word that binds all the same counts no words. What binds',
    'documents has [a page of its own](requirements-of-documents.md).',
    '',
    '`src/checks/ledger/` holds the tables, `npm run docs` writes this page, and',
    ...counting,
  ],
} as const;

export const requirementsOfDocuments = {
  title: 'Requirements on documents',
  intro: [
    'Every normative sentence of the OCI image spec, and what the manuals of podman, skopeo and their kin',
    'say of auth.json, registries.conf and certs.d that a file can break, in our words: whom it binds, and',
    'what holds them to it. That is **rules** of `pullproof validate` ([rules.md](rules.md)), or tests that',
    'show that pullproof itself, as a **client** that reads documents, keeps it, or nothing, because it is',
    '**unobservable** for the reason given. A level in brackets is of a sentence that binds without a',
    'normative word. What binds registries is in [requirements.md](requirements.md).',
    '',
    '`src/validate/ledger/` holds the tables, `npm run docs` writes this page, and',
    ...counting,
  ],
} as const;
