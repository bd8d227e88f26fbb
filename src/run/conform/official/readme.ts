// README.md of a submission: how to reproduce the results, by commands that hold no secret.
import type { JsonObject } from '../../../lib/json.ts';
import { shellWord } from '../../../lib/shell-word.ts';
import { settings } from '../official-settings.ts';
import type { Variables } from '../official-suite.ts';
import type { OfficialSuite } from './find-suite.ts';
import { type Product, todo } from './product.ts';
import type { SuiteTarget } from './run-suite.ts';

export interface ReadmeFacts {
  readonly product: Product;
  readonly suite: OfficialSuite;
  readonly target: SuiteTarget;
  readonly variables: Variables;
  readonly document: JsonObject;
  /** As in `1.1`. */
  readonly specVersion: string;
}

const module = 'github.com/opencontainers/distribution-spec/conformance';
const aboutTarget: ReadonlySet<string> = new Set([
  ...['OCI_REGISTRY', 'OCI_TLS', 'OCI_REPO1', 'OCI_REPO2'],
  ...['OCI_USERNAME', 'OCI_PASSWORD', 'OCI_RESULTS_DIR', 'OCI_VERSION'],
]);

/** Ends with a line feed. */
export function renderReadme(facts: ReadmeFacts): string {
  const { product, suite, target, specVersion } = facts;
  const { name = todo, version = todo } = product.fields;
  const { registry, tls, repo1, repo2, username } = target;
  const exports_ = [
    ['OCI_VERSION', specVersion],
    ['OCI_REGISTRY', registry],
    ['OCI_TLS', tls],
    ['OCI_REPO1', repo1],
    ['OCI_REPO2', repo2],
    ...ownSettings(facts),
  ].map(([variable, value = '']) => `export ${variable}=${shellWord(value)}`);
  const login = username === '' ? [] : ['export OCI_USERNAME=… OCI_PASSWORD=…'];
  const start = product.start?.trim() ?? `${todo}: the commands and the configuration.`;
  return `${[
    `# ${name} ${version}`,
    '',
    `## How ${name} was started`,
    '',
    start,
    '',
    '## How the suite was run',
    '',
    `The official suite (\`${module}\`, ${suite.version}), built by:`,
    '',
    '```shell',
    `go install ${module}@${suite.version === 'unknown' ? todo : suite.version}`,
    '```',
    '',
    'and run by:',
    '',
    '```shell',
    ...exports_,
    ...login,
    'conformance',
    '```',
    '',
    'results.yaml, report.html and junit.xml are what it wrote, unchanged.',
  ].join('\n')}\n`;
}

/** What the user set beside the target, in the words of variables. */
function ownSettings({ variables, document }: ReadmeFacts): [string, string][] {
  return settings.flatMap(({ name, key }): [string, string][] => {
    if (aboutTarget.has(name)) return [];
    const value = variables[name] || valueAt(document, key);
    return value === undefined ? [] : [[name, value]];
  });
}

function valueAt(document: JsonObject, key: string | undefined): string | undefined {
  let at: unknown = document;
  for (const step of key?.split('.') ?? []) at = (at as JsonObject | undefined)?.[step];
  if (key === undefined || at === undefined || at === null || at === '') return undefined;
  return Array.isArray(at) ? at.join(' ') : String(at);
}
