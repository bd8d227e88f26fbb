// Rules whose cases are no files in memory: archives cut short, registries that do not answer. Tests make
// those where the reading is (src/run/validate/inputs, test/e2e); `explain` tells them in words.

export const wordCases: Readonly<Record<string, { readonly bad: string; readonly good: string }>> =
  {
    'archive-malformed': {
      bad: 'An archive that was cut off in the middle of a file, as a broken download leaves it.',
      good: 'The same archive to its end, with the two empty blocks that close a tar.',
    },
    'archive-contents': {
      bad: 'A tar of some source code.',
      good: 'A tar with an oci-layout file and its index.json, or a manifest.json as docker save writes it.',
    },
    'certs-host': {
      bad: 'The file certs.d/ca.crt, or certs.d/https:registry.example.com/ca.crt.',
      good: 'The file certs.d/registry.example.com:5000/ca.crt.',
    },
    'certs-pair': {
      bad: 'The file certs.d/registry.example.com/client.cert, without client.key beside it.',
      good: 'Both files in that folder, and the certificate of the authority in ca.crt.',
    },
    'certs-extension': {
      bad: 'The file certs.d/registry.example.com/ca.pem.',
      good: 'The same file with the name ca.crt.',
    },
    'certs-content': {
      bad: 'A file ca.crt in DER, or a file client.key that begins with ENCRYPTED PRIVATE KEY.',
      good: 'A file ca.crt that begins with BEGIN CERTIFICATE.',
    },
    'content-unavailable': {
      bad: 'An image in a registry whose manifest names a blob that the registry answers with status 500.',
      good: 'The same image in a registry that sends the blob.',
    },
    'digest-header': {
      bad: 'A registry that sends a manifest with the Docker-Content-Digest of another one.',
      good: 'A registry that sends the digest of the bytes in the body, or none.',
    },
    'image-limits': {
      bad: 'A layout whose index leads to more than 100,000 manifests and configs, or to a manifest of 40 MiB.',
      good: 'An index of the manifests of one release.',
    },
  };
