// The rules about certs.d, the folder of certificates for registries that Docker, podman and their kin read.
// Data only; certs.ts reports them.

import type { Rule } from '../rules/rule.ts';

const manual = 'containers-config/containers-certs.d.5.md';
const structure = `${manual}#directory-structure`;

export const certsHost: Rule = {
  id: 'certs-host',
  level: 'warning',
  spec: `${manual}#description`,
  summary:
    'Certificates lie in certs.d in a folder that is named by the host and port of the registry.',
  fix: 'Move them to certs.d/HOST:PORT, as the registry is written in names of images; clients look nowhere else.',
};
export const certsPair: Rule = {
  id: 'certs-pair',
  level: 'error',
  spec: structure,
  summary: 'The certificate NAME.cert of a client lies beside its key NAME.key.',
  fix: 'Add the other file, or name the certificate of an authority .crt; clients refuse the registry.',
};
export const certsExtension: Rule = {
  id: 'certs-extension',
  level: 'warning',
  spec: structure,
  summary: 'Certificates and keys for a registry are named .crt, .cert or .key.',
  fix: 'Name an authority .crt, the certificate of a client .cert and its key .key, in lower case.',
};
export const certsContent: Rule = {
  id: 'certs-content',
  level: 'error',
  spec: structure,
  summary:
    'Files .crt and .cert hold certificates in PEM, files .key a private key without password.',
  fix: 'Write it in PEM (openssl x509 -in FILE -outform PEM), or give the file the ending of what it holds.',
};

export const certRules: readonly Rule[] = [certsHost, certsPair, certsExtension, certsContent];
