// Where a finding lies, in the words of SARIF: a region of a file of the checkout, or a member of what is no file.

import type { Checkout } from './options.ts';
import { filePlace } from './place.ts';
import type { Finding } from './results.ts';
import { visible } from './untrusted.ts';

/** What lies in an archive is shown at the archive, what lies in a registry at a file of its name. */
export function findingLocation(path: string, finding: Finding, checkout: Checkout): object {
  const place = filePlace(path);
  const inside = place === undefined ? path : (place.inside ?? '');
  const name = inside === '' ? finding.pointer || '/' : `${inside}#${finding.pointer}`;
  const logicalLocations = [{ fullyQualifiedName: visible(name), kind: 'member' }];
  if (place === undefined) return { physicalLocation: standIn(path), logicalLocations };
  const artifactLocation = artifactOf(place.file, checkout);
  if (place.inside !== undefined) {
    return { physicalLocation: { artifactLocation }, logicalLocations };
  }
  const { line: startLine, column: startColumn, excerpt } = finding;
  const region = {
    startLine,
    startColumn,
    ...(excerpt && { endColumn: startColumn + excerpt.length }),
  };
  const contextColumn = startColumn - (excerpt?.column ?? 1) + 1;
  const contextRegion = excerpt && {
    startLine,
    startColumn: Math.max(1, contextColumn),
    endColumn: Math.max(1, contextColumn) + excerpt.text.length,
    snippet: { text: visible(excerpt.text) },
  };
  return {
    physicalLocation: { artifactLocation, region, ...(excerpt && { contextRegion }) },
    logicalLocations,
  };
}

/**
 * A registry or host is no file. GitHub refuses a whole log for one result without a file, so that, as of images in
 * what other scanners write, the name stands in its place.
 */
export function targetLocation(target: string): object {
  const logicalLocations = [{ fullyQualifiedName: visible(target), kind: 'resource' }];
  return { physicalLocation: standIn(target), logicalLocations };
}

function standIn(name: string): object {
  const uri = fileUri(visible(name).replace(/^\/+/, '')) || '-';
  return { artifactLocation: { uri, uriBaseId: root }, region: { startLine: 1 } };
}

/** What the checkout's root is named in locations: https://docs.github.com and most tools know the name. */
export const root = '%SRCROOT%';

export function rootLocation({ url }: Checkout): object {
  return {
    ...(url !== undefined && { uri: url }),
    description: { text: 'The root of the checkout.' },
  };
}

/** From the root of the checkout, or absolute where the file lies elsewhere. */
export function artifactOf(file: string, { pathOf }: Checkout): object {
  const path = pathOf(file);
  return path === undefined ? { uri: fileUri(file) } : { uri: fileUri(path), uriBaseId: root };
}

/** A relative or absolute URI reference; a Windows path becomes one too. */
function fileUri(path: string): string {
  const segments = path.toWellFormed().replaceAll('\\', '/').split('/').map(encodeURIComponent);
  const encoded = segments.join('/');
  if (encoded.startsWith('/')) return `file://${encoded}`;
  return /^[A-Za-z]%3A\//.test(encoded) ? `file:///${encoded.replace('%3A', ':')}` : encoded;
}
