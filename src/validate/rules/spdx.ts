// Licence expressions by the grammar of SPDX 2.3, annex D, over SPDX's own lists of names.

import { createRequire } from 'node:module';
import { quote } from './rule.ts';

const require = createRequire(import.meta.url);

/** Names of a list of SPDX, loaded when there is a licence to judge. It compares names without regard to case. */
function listOf(...files: readonly string[]): () => ReadonlySet<string> {
  let names: ReadonlySet<string> | undefined;
  return () => {
    names ??= new Set(files.flatMap((file) => require(file) as string[]).map(lowerCase));
    return names;
  };
}

const lowerCase = (name: string) => name.toLowerCase();
const licenseNames = listOf('spdx-license-ids/index.json', 'spdx-license-ids/deprecated.json');
const exceptionNames = listOf('spdx-exceptions/index.json');

const licenseRef = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/;
const tokenPattern = /[()]|[^\s()]+/g;
/** More tokens than any image has licences; longer expressions are taken as broken. */
const tokensMax = 2_000;

function isLicense(token: string): boolean {
  const name = token.toLowerCase();
  return (
    licenseNames().has(name) ||
    (name.endsWith('+') && licenseNames().has(name.slice(0, -1))) ||
    licenseRef.test(token)
  );
}

/** What is wrong with a licence expression, one sentence; undefined when it is right. */
export function licenseProblem(expression: string): string | undefined {
  let open = 0;
  let expect: 'license' | 'operator' | 'operator or WITH' | 'exception' = 'license';
  let count = 0;
  for (const [token] of expression.matchAll(tokenPattern)) {
    count++;
    if (count > tokensMax) {
      return `it has more than ${tokensMax} words`;
    }
    if (expect === 'license' && token === '(') {
      open++;
    } else if (expect === 'license') {
      if (!isLicense(token)) {
        return `${quote(token)} is no licence that SPDX knows`;
      }
      expect = 'operator or WITH';
    } else if (expect === 'exception') {
      if (!exceptionNames().has(token.toLowerCase())) {
        return `${quote(token)} is no exception that SPDX knows`;
      }
      expect = 'operator';
    } else if (token === 'AND' || token === 'OR') {
      expect = 'license';
    } else if (token === 'WITH' && expect === 'operator or WITH') {
      expect = 'exception';
    } else if (token === ')' && open > 0) {
      open--;
      expect = 'operator';
    } else {
      return `${quote(token)} stands where AND or OR belongs`;
    }
  }
  if (expect === 'license' || expect === 'exception') {
    return 'it ends too early';
  }
  return open > 0 ? 'a parenthesis is not closed' : undefined;
}
