// Rules about annotations: their names, and the values of those that image-spec defines. They speak
// for the labels of a configuration too, which are under the same rules (config.md, Labels).

import { asString } from '../../lib/json.ts';
import { isDateTime } from '../../lib/rfc3339.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { parseReference } from '../../protocol/grammar/reference.ts';
import { parseUri } from '../../protocol/grammar/uri.ts';
import type { Kind } from '../kinds.ts';
import { childPointer } from '../pointer.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';
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
      const more = plain.length > 1 ? `, as have ${plain.length - 1} more` : '';
      report(childPointer(pointer, first), `${quote(first)} has no namespace${more}`, 'name');
    }
  }
}

function checkReserved({ annotations: all }: JudgedDocument, report: Report): void {
  for (const { annotations, pointer } of all) {
    for (const key in annotations) {
      if (!key.startsWith(reservedForOci)) continue;
      if (key.startsWith(reserved) && !definedNames.has(key.slice(reserved.length))) {
        report(childPointer(pointer, key), `${quote(key)} is not defined by image-spec`, 'name');
      } else if (!ociNamespace.test(key.slice(reservedForOci.length))) {
        report(
          childPointer(pointer, key),
          `${quote(key)} is not defined by a specification of OCI`,
          'name',
        );
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
  return isUrl ? undefined : 'is not a URL';
}

function judgeBaseName(value: string): string | undefined {
  try {
    parseReference(value);
  } catch {
    return 'is not an image reference';
  }
  const slash = value.indexOf('/');
  const host = slash < 0 ? '' : value.slice(0, slash);
  return host === 'localhost' || /[.:]/.test(host) ? undefined : 'names no registry';
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
      isDateTime(value) ? undefined : 'is not a date and time of RFC 3339',
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
