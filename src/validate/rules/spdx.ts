// Licence expressions by the grammar of SPDX 2.3, annex D, over SPDX's own lists of names.

import exceptions from 'spdx-exceptions/index.json' with { type: 'json' };
import deprecatedLicenses from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import licenses from 'spdx-license-ids/index.json' with { type: 'json' };
import { quote } from './rule.ts';

/** SPDX compares names without regard to case; operators keep theirs. */
const licenseNames = new Set(
  [...licenses, ...deprecatedLicenses].map((name) => name.toLowerCase()),
);
const exceptionNames = new Set(exceptions.map((name) => name.toLowerCase()));

const licenseRef = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/;
const tokenPattern = /[()]|[^\s()]+/g;
/** More tokens than any image has licences; longer expressions are taken as broken. */
const tokensMax = 2_000;

function isLicense(token: string): boolean {
  const name = token.toLowerCase();
  return (
    licenseNames.has(name) ||
    (name.endsWith('+') && licenseNames.has(name.slice(0, -1))) ||
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
      if (!exceptionNames.has(token.toLowerCase())) {
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
