// For every rule a document that breaks only it (`bad`) and one that comes close and is right
// (`good`). Data: the tests run all of them.

import { annotationCases } from './annotation.ts';
import { authFileCases } from './auth-file.ts';
import { configCases } from './config.ts';
import { descriptorCases } from './descriptor.ts';
import { dockerCases } from './docker.ts';
import { jsonCases } from './json.ts';
import { manifestCases } from './manifest.ts';
import { indexCases } from './platform.ts';
import { portabilityCases } from './portability.ts';
import { registriesConfCases } from './registries-conf.ts';
import { replyCases } from './reply.ts';
import type { RuleCase } from './rule-case.ts';
import { schema1Cases } from './schema1.ts';
import { settingsCases } from './settings.ts';

export const ruleCases: readonly RuleCase[] = [
  ...jsonCases,
  ...descriptorCases,
  ...manifestCases,
  ...annotationCases,
  ...indexCases,
  ...configCases,
  ...dockerCases,
  ...schema1Cases,
  ...portabilityCases,
  ...replyCases,
  ...authFileCases,
  ...registriesConfCases,
  ...settingsCases,
];
