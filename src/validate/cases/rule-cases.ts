// For every rule a document that breaks only it (`bad`) and one that comes close and is right
// (`good`). Data: the tests run all of them.

import { configCases } from './config.ts';
import { descriptorCases } from './descriptor.ts';
import { dockerCases } from './docker.ts';
import { jsonCases } from './json.ts';
import { manifestCases } from './manifest.ts';
import { indexCases } from './platform.ts';
import type { RuleCase } from './rule-case.ts';

export const ruleCases: readonly RuleCase[] = [
  ...jsonCases,
  ...descriptorCases,
  ...manifestCases,
  ...indexCases,
  ...configCases,
  ...dockerCases,
];
