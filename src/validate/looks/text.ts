// What a text is that is not JSON: HTML, YAML, TOML, keys, the words of an error. Nothing is repeated of it
// but titles of pages and names of elements: any such text may hold secrets. Patterns take linear time.

import { quote } from '../rules/rule.ts';
import { kubernetesLookOfYaml } from './kubernetes.ts';
import { type Look, lookedAtChars, looksLike } from './look.ts';

/** A function says it of what the pattern found; undefined: the row is not about this text after all. */
type Row = readonly [pattern: RegExp, look: Look | ((found: RegExpExecArray) => Look | undefined)];

const noDocument = 'Give the document itself; check what wrote this file.';
const noYaml =
  'Manifests and auth files are JSON; for our own settings say --kind pullproof-config, and a plan is judged by load --plan.';
const asJson = 'Write it as JSON: clients read nothing else.';
const sayKind =
  'pullproof judges only registries.conf in TOML: if this is one, say --kind registries-conf.';
const stderr = 'Look at it, and run that program again: stderr went into the file.';
const page =
  'A proxy or a login page answered in place of the registry: ask again, and look at the status.';

/** The first that matches counts, so what is more telling comes first. */
const rows: readonly Row[] = [
  [/^\s*$/, { detail: 'the file is empty', fix: 'Check what should have written it.' }],
  [
    /^HTTP\/[\d.]+ (\d{3})/,
    ([, status]) =>
      looksLike(
        `an HTTP reply with its head, status ${status}`,
        'Give its body alone: curl without -i.',
      ),
  ],
  [
    /^\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html|head|body)\b/i,
    ({ input }) => {
      const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(input)?.[1]?.trim();
      return looksLike(`a page in HTML${title ? `, ${quote(title)}` : ''}`, page);
    },
  ],
  [
    /^\s*(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>([A-Za-z]{1,60})</,
    ([, code]) =>
      looksLike(
        `the error ${code} of a storage, in XML`,
        'Ask the registry again: its link to the storage may have run out.',
      ),
  ],
  [/^\s*<(?:\?xml|!DOCTYPE|!--)/i, looksLike('XML', noDocument)],
  [
    /^\s*<([A-Za-z][\w:.-]{0,60})[\s/>]/,
    ([, name]) => looksLike(`XML or HTML, an element ${quote(name)}`, noDocument),
  ],
  [/^\s*-----BEGIN PGP /, looksLike('signed or encrypted by PGP', noDocument)],
  [
    /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----/,
    ([, label]) =>
      looksLike(
        `PEM, a ${label?.toLowerCase()}`,
        'Certificates and keys for registries belong into certs.d/HOST/.',
      ),
  ],
  [
    /^\s*(?:Bearer\s+)?eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*\s*$/,
    looksLike('a token (JWT)', 'Give the whole reply of the token server: {"token": …}.'),
  ],
  [
    /^\s*"[^"\n]*"\s*:/,
    {
      detail: 'these are members of an object without the braces around them',
      fix: 'Write { before them and } behind.',
    },
  ],
  [
    /^\s*sha(?:256|512):[0-9a-f]{64,128}\s*$/,
    looksLike('a digest alone', 'Give what it names, or the image: HOST/NAME@DIGEST.'),
  ],
  [
    /^\s*(?:docker:\/\/)?[a-z0-9.-]{1,255}(?::\d{1,5})?(?:\/[\w.-]{1,255}){1,16}(?:[:@][\w.:-]{1,200})?\s*$/,
    looksLike(
      'the name of an image, or a path',
      'Give it on the command line: pullproof validate HOST/NAME:TAG.',
    ),
  ],
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    looksLike('a pointer of Git LFS', 'Fetch the file itself: git lfs pull.'),
  ],
  [/^#!/, looksLike('a script', noDocument)],
  [/^<{7} /, looksLike('a file with a merge conflict', 'Resolve the conflict.')],
  [/^(?:diff --git |--- \S.*\r?\n\+\+\+ )/, looksLike('a patch', noDocument)],
  [/^0{4,8}:?[ \t]+[0-9a-f]{2,4}[ \t]/, looksLike('a hex dump', noDocument)],
  [
    /^\s*(?:module\.exports\b|export (?:default|const)\b|(?:const|let|var) [\w$]+ ?=|import .* from ['"])/,
    looksLike('a program in JavaScript', noDocument),
  ],
  [/^\s*\{[{%]/, looksLike('a template', 'Render it first, such as by helm template.')],
  [
    /^(?:Error response from daemon|Error: |error:|FATA\[|ERRO\[|curl: \(|fatal: |unauthorized: |denied: )/i,
    looksLike('the message of a program that failed', stderr),
  ],
  [
    /^(?:time=\S+[ \t]+level=\w|(?:INFO|WARN|DEBU)\[\d|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d)/,
    looksLike('the log of a program', stderr),
  ],
  [
    /^\s*(?:[45]\d\d )?(?:page not found|not found|unauthorized|forbidden|bad gateway|service unavailable|bad request|internal server error)\b/i,
    looksLike('the text of an HTTP error', 'Ask again, and look at the status of the reply.'),
  ],
  [
    /^Name:[ \t]+\S+[ \t]*\r?\n(?:MediaType|Digest):/m,
    looksLike(
      'what regctl and docker buildx imagetools inspect print for people',
      'Ask for the document: regctl manifest get --format raw-body, docker buildx imagetools inspect --raw.',
    ),
  ],
  [
    /^(?:REPOSITORY|IMAGE|CONTAINER ID|REF)\s{2,}\w/,
    looksLike('a table for people', 'Give the document: skopeo inspect --raw, crane manifest.'),
  ],
  [
    /^(?:[ \t]*(?:#.*|ARG[ \t].*)?\r?\n)*[ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?\S+(?:[ \t]+AS[ \t]+\S+)?[ \t]*(?:\r?\n|$)/i,
    looksLike('a Dockerfile', 'Build it, and give the image.'),
  ],
  [
    /^[ \t]*(?:group|target|variable|function|resource|module|provider|terraform|data)\b(?:[ \t]+"[^"\n]*"){0,2}[ \t]*\{[ \t]*\r?$/m,
    looksLike('HCL, as of docker buildx bake or Terraform', noDocument),
  ],
  [/^kind:/m, ({ input }) => kubernetesLookOfYaml(input)],
  [
    /\{\{-?\s*[.$\w"]/,
    ({ input }) =>
      isYaml(input)
        ? looksLike('a template in YAML, as of Helm', 'Render it first: helm template.')
        : undefined,
  ],
  [
    /^services:\s*$/m,
    looksLike(
      'a compose file in YAML',
      'Give the images that it names: docker compose config --images.',
    ),
  ],
  [
    /^(?:jobs|on|stages|pipeline|steps):/m,
    ({ input }) => (isYaml(input) ? looksLike('a workflow in YAML', noDocument) : undefined),
  ],
  [
    /^[ \t]*(?:image|imageCredentials):[ \t]*\r?$[\s\S]{0,200}?^[ \t]+(?:repository|registry):/m,
    looksLike('YAML, as the values of a Helm chart', 'Give the images that it names.'),
  ],
  [/^(?:schemaVersion|mediaType|manifests|layers|auths):/m, looksLike('YAML', asJson)],
  [
    /^\[(?:plugins\.|grpc\]|host\.)|^(?:server|disabled_plugins)\s*=/m,
    looksLike(
      'TOML, as the config.toml or hosts.toml of containerd',
      'validate does not judge these; `pullproof explain IMAGE --client containerd` says what comes of them for an image, with --root DIR of files that lie elsewhere.',
    ),
  ],
  [
    /^\[(?:containers|engine|network|storage)(?:\.[\w.]+)?\]\s*$/m,
    looksLike(
      'TOML, as containers.conf or storage.conf',
      'pullproof does not judge these; registries.conf it does.',
    ),
  ],
];

const line = {
  header: /^[ \t]*\[{1,2}[^\]\n"']+\]{1,2}[ \t]*(?:[#;].*)?$/m,
  tomlValue: /^[ \t]*["']?[\w.-]+["']?[ \t]*=[ \t]*(?:["'[{]|[+-]?\d|true\b|false\b)/,
  assignment: /^[ \t]*(?:export[ \t]+)?["']?[\w.-]+["']?[ \t]*=/,
  yaml: /^[ \t]*(?:- |-$|["']?[\w./$-]+["']?:(?:[ \t]|$))/,
  filler: /^[ \t]*(?:[#;].*|---.*)?$/,
};
const linesMax = 1_000;

const preceded: Look = {
  detail: 'other text stands before the JSON',
  fix: 'Remove it; what a program says to people goes to stderr.',
};

/** What a text is whose value no JSON parser finds. */
export function lookOfText(text: string): Look {
  const head = text.slice(0, lookedAtChars);
  for (const [pattern, look] of rows) {
    const found = pattern.exec(head);
    const seen = found && (typeof look === 'function' ? look(found) : look);
    if (seen) return seen;
  }
  if (/^(?:[^{\n]*\n){1,20}\{\s*"/.test(head)) return preceded;
  return base64Look(head) ?? lineLook(head) ?? looksLike('plain text', noDocument);
}

function base64Look(head: string): Look | undefined {
  const packed = head.replace(/[\r\n]/g, '').trim();
  if (packed.length < 16 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined;
  const decoded = Buffer.from(packed.slice(0, 64), 'base64').toString('latin1');
  if (/^\s*[{[]/.test(decoded)) {
    return looksLike(
      'JSON in Base64',
      'Decode it first: base64 -d FILE; of a Secret it is one value of .data.',
    );
  }
  const isText = /^[\x20-\x7e\s]+$/.test(decoded) || decoded.startsWith('\x1f\x8b');
  return isText ? looksLike('text in Base64', 'Decode it first: base64 -d FILE.') : undefined;
}

/** By what most of its lines are. */
function lineLook(head: string): Look | undefined {
  const lines = head.split('\n', linesMax).map((it) => it.replace(/\r$/, ''));
  const telling = lines.filter((it) => !line.filler.test(it));
  const share = (pattern: RegExp) =>
    telling.filter((it) => pattern.test(it)).length / Math.max(1, telling.length);
  const hasHeader = line.header.test(head);
  if (hasHeader || share(line.assignment) > 0.5) {
    const assigned = telling.filter((it) => line.assignment.test(it));
    if (assigned.length > 0 && assigned.every((it) => line.tomlValue.test(it))) {
      return looksLike('TOML', sayKind);
    }
    return hasHeader
      ? looksLike('an INI file', noDocument)
      : looksLike('a list of variables', noDocument);
  }
  return share(line.yaml) > 0.5 ? looksLike('YAML', noYaml) : undefined;
}

function isYaml(head: string): boolean {
  return /^[ \t]*[\w./$-]+:(?:[ \t]|\r?$)/m.test(head);
}
