// The tests that show that pullproof, as a program that reads documents, bears what the specs let be.
import type { ClientTest } from '../../lib/requirement.ts';

const lets = (test: string): ClientTest => ({ file: 'src/validate/tolerance.test.ts', test });

export const ownTests = {
  annotations: lets('an unknown annotation is no error'),
  properties: lets('an unknown property is no error'),
  algorithms: lets('a digest of an unknown algorithm is no error'),
  mediaTypes: lets('an unknown media type is no error'),
  contentType: lets('a document that does not say what it is is what it came as'),
  nulls: lets('what is optional in a configuration may be null'),
  whitespace: lets('white space is free'),
  layouts: lets('a layout may have more than it must'),
  whiteouts: lets('both forms of whiteouts are understood'),
} as const;
