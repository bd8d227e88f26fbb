// Rules about annotations: their names, and the values of those that image-spec defines. They speak
// for the labels of a configuration too, which are under the same rules (config.md, Labels).

import { childPointer } from '../../formats/places.ts';
import { asString } from '../../lib/json.ts';
import { meantName, nameWithin } from '../../lib/nearest.ts';
import { dateTimeOf, isDateTime } from '../../lib/rfc3339.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { parseReference } from '../../protocol/grammar/reference.ts';
import { parseUri } from '../../protocol/grammar/uri.ts';
import type { Kind } from '../kinds.ts';
import { encryptionKeys } from './encryption.ts';
import { type JudgedDocument, quote, type Report, type ValueRule, writeInstead } from './rule.ts';
import { licenseProblem } from './spdx.ts';

const configs: readonly Kind[] = ['config', 'docker-config'];
const annotated: readonly Kind[] = [
  'manifest',
  'index',
  'descriptor',
  'docker-manifest',
  'docker-manifest-list',
];

const reserved = 'org.opencontainers.image.';
const reservedForOci = 'org.opencontainers.';
/** Of image-spec, its drafts, and the other specifications. */
const ociNamespace = /^(?:image|artifact|distribution|referrers|runtime)\./;
/** Pre-defined in annotations.md, then those that conversion.md makes of a configuration. */
const definedNames = new Set(
  (
    'created authors url documentation source version revision vendor licenses ref.name title ' +
    'description base.digest base.name ' +
    'os architecture variant os.version os.features author exposedPorts stopSignal'
  ).split(' '),
);

const definedKeys = [...definedNames].map((name) => reserved + name);
/** Nearer to a name or prefix of OCI than this, and yet not it, a name is a misspelt one. */
const misspeltEdits = 2;

/** Values are judged up to this length; no URL or reference is longer. */
const valueCharsMax = 32_768;
const keyPattern = /^[A-Za-z][A-Za-z0-9-]*\.[A-Za-z0-9_-]/;
const refComponent = '[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*';
const refName = new RegExp(`^${refComponent}(?:/${refComponent})*$`);

/** Names without a namespace are told of once for each object. */
function checkKeys({ annotations: all }: JudgedDocument, report: Report): void {
  for (const { annotations, pointer } of all) {
    const plain = Object.keys(annotations).filter((key) => !keyPattern.test(key));
    const [first] = plain;
    if (first !== undefined) {
      const others = plain.length - 1;
      const more = others > 0 ? `, nor ${others === 1 ? 'has' : 'have'} ${others} more` : '';
      const isDefined = definedNames.has(first.toLowerCase());
      const meant = isDefined ? `, perhaps ${reserved}${first.toLowerCase()} is meant` : '';
      const detail = `${quote(first)} has no reversed domain before it${meant}${more}`;
      report(childPointer(pointer, first), detail, 'name');
    }
  }
}

/** In which way a name is one of OCI's that no specification defines; undefined for all others. */
function reservedProblem(key: string): string | undefined {
  if (!key.startsWith(reservedForOci)) {
    const meant = nearlyReserved(key);
    return meant && `is nearly a name of OCI, perhaps ${meant} is meant`;
  }
  const name = key.slice(reservedForOci.length);
  const isDefined = key.startsWith(reserved)
    ? definedNames.has(key.slice(reserved.length))
    : ociNamespace.test(name);
  if (isDefined) return undefined;
  const by = key.startsWith(reserved) ? 'image-spec' : 'a specification of OCI';
  const meant = meantKey(key);
  return `is not defined by ${by}${meant === undefined ? '' : `, perhaps ${meant} is meant`}`;
}

/** What a name was meant to be whose beginning is nearly that of OCI's. */
function nearlyReserved(key: string): string | undefined {
  const [first = '', second = '', third = ''] = key.split('.', 4);
  const isNear = nameWithin(misspeltEdits, `${first}.${second}.`, [reservedForOci]) !== undefined;
  if (isNear) {
    const rest = key.slice(first.length + second.length + 2);
    return meantKey(reservedForOci + rest) ?? reservedForOci + quote(rest).slice(1, -1);
  }
  // A separator may be missing or another one: org.opencontainers-image.title.
  return third === '' ? undefined : nameWithin(misspeltEdits, key, definedKeys);
}

/** The defined name that was meant: the namespace corrected first, then the rest. */
function meantKey(key: string): string | undefined {
  const [, , namespace = '', ...rest] = key.split('.');
  const isImage = nameWithin(misspeltEdits, namespace, ['image']) !== undefined;
  return isImage && rest.length > 0
    ? withPrefix(meantName(rest.join('.'), definedNames))
    : nameWithin(misspeltEdits, key, definedKeys);
}

function withPrefix(name: string | undefined): string | undefined {
  return name && reserved + name;
}

function checkReserved({ annotations: all }: JudgedDocument, report: Report): void {
  for (const { annotations, pointer } of all) {
    for (const key in annotations) {
      if (key.startsWith(encryptionKeys)) continue;
      const problem = reservedProblem(key);
      if (problem !== undefined) {
        report(childPointer(pointer, key), `${quote(key)} ${problem}`, 'name');
      }
    }
  }
}

/** What is wrong with a value, to follow it in a sentence; undefined when it is right. */
type Judge = (value: string) => string | undefined;

/** Checks the pre-defined keys of these names; an empty value is always allowed. */
function checkValues(names: readonly string[], judge: Judge): ValueRule['check'] {
  const keys = names.map((name) => reserved + name);
  return ({ annotations: all }, report) => {
    for (const { annotations, pointer } of all) {
      for (const key of keys) {
        const value = asString(annotations[key]);
        if (value === undefined || value === '') {
          continue;
        }
        const problem = value.length > valueCharsMax ? 'is too long' : judge(value);
        if (problem !== undefined) {
          report(childPointer(pointer, key), `${quote(value)} ${problem}`);
        }
      }
    }
  };
}

function judgeUrl(value: string): string | undefined {
  const uri = parseUri(value);
  const isUrl =
    uri !== undefined &&
    uri.scheme !== '' &&
    (/^https?$/.test(uri.scheme) ? !!uri.authority : !!uri.authority || uri.path !== '');
  if (isUrl) return undefined;
  const isHost = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?:\/|$)/.test(value);
  const whole = `https://${value}`;
  const isRight = isHost && parseUri(whole) !== undefined;
  return `is not a URL${writeInstead(isRight ? whole : undefined)}`;
}

function judgeBaseName(value: string): string | undefined {
  try {
    parseReference(value);
  } catch {
    return 'is not an image reference';
  }
  const slash = value.indexOf('/');
  const host = slash < 0 ? '' : value.slice(0, slash);
  if (host === 'localhost' || /[.:]/.test(host)) return undefined;
  const path = slash < 0 ? `library/${value}` : value;
  return `names no registry${writeInstead(`docker.io/${path}`)}, if it is of Docker Hub`;
}

const spec = 'image-spec/annotations.md#pre-defined-annotation-keys';
const kinds = [...annotated, ...configs];

export const annotationRules: readonly ValueRule[] = [
  {
    id: 'annotation-key',
    level: 'warning',
    spec: 'image-spec/annotations.md#rules',
    summary: 'Annotations are named in reverse domain notation.',
    fix: 'Put a domain of yours before the name, such as com.example.myKey.',
    kinds: annotated,
    check: checkKeys,
  },
  {
    // A SHOULD of the text, and yet a note: nearly every image has labels of one word.
    id: 'config-label-key',
    level: 'note',
    spec: 'image-spec/annotations.md#rules',
    summary: 'Labels are named in reverse domain notation.',
    fix: 'Put a domain of yours before the name, such as com.example.myKey.',
    kinds: configs,
    check: checkKeys,
  },
  {
    id: 'annotation-reserved',
    level: 'warning',
    spec: 'image-spec/annotations.md#rules',
    summary: 'Names that begin with org.opencontainers are those of specifications of OCI.',
    fix: 'Correct the spelling, or use a name under a domain of yours.',
    kinds,
    check: checkReserved,
  },
  {
    id: 'annotation-created',
    level: 'warning',
    spec,
    summary: 'The annotation created is a date and time of RFC 3339.',
    fix: 'Write a date such as 2024-02-29T12:30:00Z.',
    kinds,
    check: checkValues(['created'], (value) =>
      isDateTime(value)
        ? undefined
        : `is not a date and time of RFC 3339${writeInstead(dateTimeOf(value))}`,
    ),
  },
  {
    id: 'annotation-url',
    level: 'warning',
    spec,
    summary: 'The annotations url, documentation and source are URLs.',
    fix: 'Write the whole URL, from https:// on.',
    kinds,
    check: checkValues(['url', 'documentation', 'source'], judgeUrl),
  },
  {
    id: 'annotation-licenses',
    level: 'warning',
    spec,
    summary: 'The annotation licenses is an SPDX licence expression.',
    fix: 'Write SPDX identifiers (spdx.org/licenses) joined by AND, OR and WITH.',
    kinds,
    check: checkValues(['licenses'], (value) => {
      const problem = licenseProblem(value);
      return problem && `is not an SPDX licence expression: ${problem}`;
    }),
  },
  {
    id: 'annotation-ref-name',
    level: 'warning',
    spec,
    summary: 'The annotation ref.name fits the grammar of references.',
    fix: 'Use letters and digits, with single separators -._:@+/ or -- between them.',
    kinds,
    check: checkValues(['ref.name'], (value) =>
      refName.test(value) ? undefined : 'is not a reference name',
    ),
  },
  {
    id: 'annotation-base-digest',
    level: 'warning',
    spec,
    summary: 'The annotation base.digest is a digest.',
    fix: 'Write the digest of the base image, such as sha256: and 64 lower-case hex digits.',
    kinds,
    check: checkValues(['base.digest'], (value) =>
      isWellFormedDigest(value) ? undefined : 'is not a digest',
    ),
  },
  {
    id: 'annotation-base-name',
    level: 'warning',
    spec,
    summary: 'The annotation base.name is an image reference with its registry.',
    fix: 'Write the whole reference, such as registry.example.com/team/app:tag.',
    kinds,
    check: checkValues(['base.name'], judgeBaseName),
  },
];
