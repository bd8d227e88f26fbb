// Rules about registries.conf that are right by its grammar, and yet without the effect that was meant: the
// place of a drop-in, and prefixes of Docker Hub's own images.

import { isNamed } from '../other-kinds.ts';
import { tablesOf } from './registries-tables.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

/** A path in a folder of drop-ins, from there on. */
const dropIn = /(?:^|[/\\])registries\.conf\.d[/\\](.+)$/;

function checkDropIn({ path, value }: JudgedDocument, report: Report): void {
  const file = (isNamed(path) ? dropIn.exec(path)?.[1] : undefined) ?? '';
  if (file === '' || Object.keys(value).length === 0) return;
  if (/[/\\]/.test(file)) report('', 'it lies in a folder below registries.conf.d');
  else if (!file.endsWith('.conf')) report('', `${quote(file)} does not end in .conf`);
}

/** Images of Docker Hub that everybody knows by one word. Some are namespaces too: more than a note would err. */
const libraryImages = new Set(
  (
    'almalinux alpine amazoncorretto archlinux busybox buildpack-deps centos debian eclipse-temurin ' +
    'fedora gcc golang hello-world httpd mariadb memcached mongo mysql node openjdk perl php ' +
    'postgres python redis rockylinux ruby rust tomcat ubuntu'
  ).split(' '),
);

function checkLibrary({ value }: JudgedDocument, report: Report): void {
  for (const { at, prefix, hasPrefix } of tablesOf(value)) {
    const name = /^docker\.io\/([a-z0-9-]+)$/.exec(prefix)?.[1] ?? '';
    if (libraryImages.has(name)) {
      const pointer = `${at}/${hasPrefix ? 'prefix' : 'location'}`;
      const detail = `${quote(prefix)} is a namespace, the image ${name} is "docker.io/library/${name}"`;
      report(pointer, detail);
    }
  }
}

const manual = 'containers-config/containers-registries.conf';

export const registriesUseRules: readonly ValueRule[] = [
  {
    id: 'registries-drop-in',
    level: 'warning',
    spec: `${manual}.d.5.md#configuration-precedence`,
    summary: 'A drop-in lies in registries.conf.d itself, and its name ends in .conf.',
    fix: 'Name it registries.conf.d/NAME.conf; clients pass over anything else without a word.',
    kinds: ['registries-conf'],
    check: checkDropIn,
  },
  {
    id: 'registries-library',
    level: 'note',
    spec: `${manual}.5.md#normalization-of-dockerio-references`,
    summary: 'A prefix for an image that Docker Hub names by one word has library in it.',
    fix: 'If the image is meant, write its name in full, by which clients look it up.',
    kinds: ['registries-conf'],
    check: checkLibrary,
  },
];
