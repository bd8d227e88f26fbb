// certs.d as Docker, podman and their kin read it: a folder for each registry, with certificates of
// authorities (.crt), and pairs of certificate (.cert) and key (.key) of clients. No content is ever repeated.

import type { DocumentResult } from '../../../reports/results.ts';
import { isRegistry } from '../../protocol/grammar/reference.ts';
import { quote, type Rule } from '../rules/rule.ts';
import { foundResult, type Severity } from '../validate.ts';
import { certsContent, certsExtension, certsHost, certsPair } from './cert-rules.ts';
import type { FileTree } from './tree.ts';

/** containerd's own way to say what is in a folder, in which files may have any name. */
const containerdFile = 'hosts.toml';
/** containerd's names for hosts with ports where no colon may be, and for all hosts. */
const containerdHost = /^(?:_default|.+_[0-9]{1,5}_)$/;
/** What looks like a certificate or key, and is named as no client looks for it. */
const otherEndings = /\.(?:pem|cer|der|p12|pfx|p7b|ca|crts?|certs?|keys?)$/i;
const readEndings = /\.(crt|cert|key)$/;

interface Problem {
  readonly rule: Rule;
  readonly detail: string;
}

/** A result for each file that may be a certificate or key. `host` is that of the folder, '' for all of certs.d. */
export async function judgeCerts(
  tree: FileTree,
  host: string,
  severity: Severity,
): Promise<DocumentResult[]> {
  const results: DocumentResult[] = [];
  for (const [folder, files] of foldersOf(tree)) {
    if (files.includes(containerdFile)) continue;
    const registry = host === '' ? folder : host;
    for (const file of files.filter((name) => otherEndings.test(name))) {
      const path = folder === '' ? file : `${folder}/${file}`;
      const found = await problemsOf(tree, path, registry, new Set(files));
      results.push(foundResult(tree.pathOf(path), 'certificates', found, severity));
    }
  }
  return results;
}

/** The files of each folder at the top, and of the top itself under ''; what is deeper no client reads. */
function foldersOf({ files }: FileTree): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const path of files.keys()) {
    const [name = '', folder = '', deeper] = path.split('/').reverse();
    if (deeper !== undefined) continue;
    const own = folders.get(folder) ?? [];
    own.push(name);
    folders.set(folder, own);
  }
  return folders;
}

async function problemsOf(
  tree: FileTree,
  path: string,
  registry: string,
  beside: ReadonlySet<string>,
): Promise<readonly Problem[]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (registry === '') return [{ rule: certsHost, detail: `${quote(name)} is for no registry` }];
  const problems: Problem[] = [];
  if (!isRegistry(registry) && !containerdHost.test(registry)) {
    problems.push({ rule: certsHost, detail: `${quote(registry)} is not host or host:port` });
  }
  const ending = readEndings.exec(name)?.[1];
  if (ending === undefined) {
    return [...problems, { rule: certsExtension, detail: `no client reads ${quote(name)}` }];
  }
  const other = { cert: 'key', key: 'cert' }[ending];
  const partner = `${name.slice(0, -ending.length)}${other}`;
  if (other !== undefined && !beside.has(partner)) {
    problems.push({ rule: certsPair, detail: `there is no ${quote(partner)} beside it` });
  }
  const detail = contentProblem(ending, await tree.read(path));
  return detail === undefined ? problems : [...problems, { rule: certsContent, detail }];
}

/** What is wrong with the content, in a sentence; PEM is read as Go's crypto/tls does. */
function contentProblem(ending: string, bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return 'it is larger than all certificates';
  const text = Buffer.from(bytes).toString('latin1');
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)].map(([, it = '']) => it);
  if (text.trim() === '') return 'it is empty';
  if (labels.length === 0) return 'it is not in PEM';
  if (ending !== 'key') {
    return labels.includes('CERTIFICATE') ? undefined : `it holds ${labels[0]}, no CERTIFICATE`;
  }
  if (labels.includes('ENCRYPTED PRIVATE KEY') || /^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return 'its key has a password, for which no client asks';
  }
  const isKey = labels.some((label) => /^(?:[A-Z0-9]+ )?PRIVATE KEY$/.test(label));
  return isKey ? undefined : `it holds ${labels[0]}, no PRIVATE KEY`;
}
