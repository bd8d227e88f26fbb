// PRODUCT.yaml of a submission: the fields that opencontainers/oci-conformance reads, what may stand in them, and how they are
// written.

import { readFile } from 'node:fs/promises';
import { readPlainYaml } from '../../../formats/yaml.ts';
import { docPage } from '../../../lib/doc-page.ts';
import { asObject, type JsonObject } from '../../../lib/json.ts';
import { placeText } from '../../../lib/line-columns.ts';
import { meantName } from '../../../lib/nearest.ts';
import { UserError } from '../../../lib/user-error.ts';

interface Field {
  readonly isRequired: boolean;
  readonly isUrl?: true;
  /** What is asked of who has to write it. */
  readonly what: string;
}

/** In the order of the instructions. */
const productFields: Readonly<Record<string, Field>> = {
  vendor: { isRequired: true, what: 'the legal entity, with a participation form on file' },
  name: { isRequired: true, what: 'the name of the product' },
  version: { isRequired: true, what: 'the version of the product that was tested' },
  website_url: { isRequired: true, isUrl: true, what: 'URL of the product' },
  repo_url: { isRequired: false, isUrl: true, what: 'URL of its source, if it is open' },
  documentation_url: { isRequired: true, isUrl: true, what: 'URL of its documentation' },
  product_logo_url: { isRequired: false, isUrl: true, what: 'URL of its logo: SVG, AI or EPS' },
  type: { isRequired: true, what: 'distribution, hosted platform or installer' },
  description: { isRequired: true, what: 'one sentence' },
};

/** Stands where somebody has to write. */
export const todo = 'TODO';

export interface Product {
  /** Values by field, as text. */
  readonly fields: Readonly<Record<string, string>>;
  /** How the registry was started, for README.md: Markdown. */
  readonly start?: string;
}

export interface ProductProblem {
  readonly field: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
}

/**
 * A file of `--product`: PRODUCT.yaml as it is, or one with `product:` and, for the README, `start:`.
 * @throws UserError `product-unreadable` (exit 2)
 */
export async function readProduct(file: string): Promise<Product> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw unreadable(`--product ${file}: ${error.message}`);
  });
  const read = readPlainYaml(text, 0);
  if (!('value' in read)) {
    const where = read.offset === undefined ? '' : ` at ${placeText(text, read.offset)}`;
    throw unreadable(`--product ${file} is no YAML${where}: ${read.message.split('\n', 1)[0]}`);
  }
  const document = asObject(read.value);
  const fields = document?.product === undefined ? document : asObject(document.product);
  if (fields === undefined) throw unreadable(`--product ${file} holds no fields`);
  const start = fields === document ? undefined : document?.start;
  if (start !== undefined && typeof start !== 'string') {
    throw unreadable(`--product ${file}: start is no text`);
  }
  const { texts, problems } = textsOf(fields);
  const [first] = problems;
  if (first !== undefined) throw unreadable(`--product ${file}: ${first.message}`);
  return { fields: texts, ...(start !== undefined && { start }) };
}

function unreadable(problem: string): UserError {
  const names = Object.keys(productFields).join(', ');
  const hint = `Name a YAML file with these fields: ${names}; ${docPage('submit.md')} shows one.`;
  return new UserError('product-unreadable', problem, hint);
}

/** Values that are text or plain numbers; anything else is a problem. */
function textsOf(fields: JsonObject): {
  texts: Record<string, string>;
  problems: ProductProblem[];
} {
  const problems: ProductProblem[] = [];
  const texts: Record<string, string> = {};
  for (const [field, value] of Object.entries(fields)) {
    const shown = field.slice(0, 60);
    if (!Object.hasOwn(productFields, field)) {
      const near = meantName(field, Object.keys(productFields));
      const hint = near === undefined ? '' : `; ${near} is meant, perhaps`;
      problems.push({ field: shown, level: 'error', message: `${shown} is no field${hint}` });
    } else if (typeof value === 'string' || typeof value === 'number') {
      texts[field] = String(value).trim();
    } else {
      problems.push({ field, level: 'error', message: `${field} is no text` });
    }
  }
  return { texts, problems };
}

/** What of PRODUCT.yaml keeps it from being handed in, and what a reviewer may ask about. */
export function productProblems(text: string): ProductProblem[] {
  const read = readPlainYaml(text, 0);
  const fields = 'value' in read ? asObject(read.value) : undefined;
  if (fields === undefined) return [{ field: '', level: 'error', message: 'is no map of fields' }];
  const { texts, problems } = textsOf(fields);
  for (const [field, { isRequired, isUrl, what }] of Object.entries(productFields)) {
    const value = texts[field] ?? '';
    const wrong = (message: string, level: ProductProblem['level'] = 'error') =>
      problems.push({ field, level, message: `${field} ${message}` });
    if (value === '' && isRequired && !problems.some((one) => one.field === field)) {
      wrong(`is missing: ${what}`);
    } else if (new RegExp(`\\b${todo}\\b`).test(value)) wrong(`is still to be written: ${what}`);
    else if (value !== '' && isUrl === true) {
      const problem = urlProblem(value);
      if (problem !== undefined) wrong(problem);
    }
  }
  return [...problems, ...rulesOf(texts)];
}

function urlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'is no http(s) URL';
  if (url.username !== '' || url.password !== '') return 'has a user or password in its URL';
  return undefined;
}

function rulesOf(texts: Readonly<Record<string, string>>): ProductProblem[] {
  const problems: ProductProblem[] = [];
  const { product_logo_url: logo = '', name = '', type = '', repo_url: source = '' } = texts;
  const path = URL.canParse(logo) ? new URL(logo).pathname : '';
  if (/\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?)$/i.test(path)) {
    const message = 'product_logo_url is no SVG, AI or EPS';
    problems.push({ field: 'product_logo_url', level: 'error', message });
  } else if (path !== '' && !/\.(?:svg|ai|eps)$/i.test(path)) {
    const message = 'product_logo_url does not end in .svg, .ai or .eps, which it must be';
    problems.push({ field: 'product_logo_url', level: 'warning', message });
  }
  if (/\bOCI\b/i.test(name)) {
    const message = 'name has the term OCI, which reviewers refuse';
    problems.push({ field: 'name', level: 'warning', message });
  }
  if (type === 'distribution' && source === '') {
    const message = 'repo_url is missing, and the type distribution is listed as open source';
    problems.push({ field: 'repo_url', level: 'warning', message });
  }
  return problems;
}

/** The text of PRODUCT.yaml; what is missing is marked by `TODO`. */
export function renderProduct({ fields }: Product): string {
  const lines = Object.entries(productFields).flatMap(([field, { isRequired, what }]) => {
    const value = fields[field];
    if (value !== undefined && value !== '') return [`${field}: ${JSON.stringify(value)}`];
    return isRequired ? [`${field}: ${todo} # ${what}`] : [`# ${field}: ${what}; may be left out`];
  });
  return `${lines.join('\n')}\n`;
}

/** The name of the folder of a product, as in `distribution-spec/v1.1/zot`. */
export function folderName({ fields }: Product): string {
  const name = (fields.name ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '');
  return name === '' ? 'product' : name.slice(0, 60);
}
