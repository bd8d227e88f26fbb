// The pages that are made, by file, and what each is made from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../../mocks/faults/index.ts';
import { noticing } from '../../mocks/faults/noticed.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { ledger } from '../../src/checks/ledger/ledger.ts';
import { causeRooms } from '../../src/doctor/causes/index.ts';
import { profiles } from '../../src/profiles/index.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { rules } from '../../src/validate/index.ts';
import { documentLedger } from '../../src/validate/ledger/ledger.ts';
import { editionFiles } from '../editor-schemas/editions.ts';
import { dashboardFiles } from '../grafana/dashboard.ts';
import { withActionTables } from './action-part.ts';
import { causesPage } from './causes-page.ts';
import { withCells } from './cells-part.ts';
import { matrixPage } from './kill-matrix-page.ts';
import { manPages } from './man/man-pages.ts';
import { readOfficialRuns } from './official-suite.ts';
import { checksPage, faultsPage, profilesPage } from './reference/catalogue-pages.ts';
import { cliPage } from './reference/cli-page.ts';
import {
  environmentPage,
  exitCodesPage,
  kubernetesPage,
  metricsPage,
} from './reference/other-pages.ts';
import { type SchemaPage, schemaPage } from './reference/schema-page.ts';
import { readOutcomes, registriesPage } from './registries-page.ts';
import { requirementsOfDocuments, requirementsOfRegistries } from './requirements-intro.ts';
import { requirementsPage } from './requirements-page.ts';
import { rulesPage } from './rules-page.ts';

export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  ...dashboardFiles,
  ...manPages,
  ...editionFiles,
  'docs/causes.md': () => causesPage(causeRooms),
  // Parts of them alone.
  'docs/ci.md': () => {
    const [page, action] = ['docs/ci.md', 'action.yml'].map((file) =>
      readFileSync(join(packageRoot, file), 'utf8'),
    );
    return withActionTables(page ?? '', action ?? '');
  },
  'docs/conform.md': () =>
    withCells(readFileSync(join(packageRoot, 'docs/conform.md'), 'utf8'), checks),
  'docs/kill-matrix.md': () => matrixPage(checks, faults, noticing),
  'docs/reference/checks.md': () => checksPage(checks),
  'docs/reference/cli.md': cliPage,
  'docs/reference/config.md': () => schemaPage(schemaPages.config),
  'docs/reference/environment.md': environmentPage,
  'docs/reference/exit-codes.md': exitCodesPage,
  'docs/reference/faults.md': () => faultsPage(faults),
  'docs/reference/kubernetes.md': kubernetesPage,
  'docs/reference/metrics.md': metricsPage,
  'docs/reference/plan.md': () => schemaPage(schemaPages.plan),
  'docs/reference/profiles.md': () => profilesPage(profiles),
  'docs/reference/results.md': () => schemaPage(schemaPages.results),
  'docs/registries.md': () => registriesPage(readOutcomes(), readOfficialRuns()),
  'docs/requirements.md': () =>
    requirementsPage({
      ...requirementsOfRegistries,
      ledger,
      ids: checks.map(({ id }) => id),
    }),
  'docs/requirements-of-documents.md': () =>
    requirementsPage({
      ...requirementsOfDocuments,
      ledger: documentLedger,
      ids: rules.map(({ id }) => id),
    }),
  'docs/rules.md': () => rulesPage(rules),
};

const schemaPages = {
  config: {
    schema: 'config',
    title: 'Settings: .pullproof.yaml',
    intro: ['An example, and how the file is found: [validate.md](../validate.md#settings).'],
    depth: 3,
  },
  plan: {
    schema: 'plan',
    title: 'Plans of load',
    intro: ['Examples: [load.md](../load.md#plans).'],
    depth: 3,
  },
  results: {
    schema: 'results',
    title: 'Fields of results.json',
    intro: ['Two levels of them; the schema has all.'],
    depth: 2,
  },
} as const satisfies Record<string, SchemaPage>;
