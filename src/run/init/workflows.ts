// The workflows for CI that `init` writes. test/workflows.test.ts and src/run/init/init.test.ts hold them to the
// examples (examples/github) and to the template for GitLab that they include.
import { docPage, filePage } from '../../lib/doc-page.ts';
import { version } from '../version.ts';

/** What is run in CI. */
export interface Jobs {
  readonly validate: boolean;
  /** Path of the plan, where load is run. */
  readonly plan?: string | undefined;
  /** Registry that is checked. */
  readonly conform?: string | undefined;
  /** Image whose pull is diagnosed. */
  readonly doctor?: string | undefined;
  /** Image that is pulled where load is run; the plan names it, too. */
  readonly image: string;
}

const docs = docPage('ci.md');
const nightlyExample = filePage('examples/github/nightly-cdn.yml');

/** Undefined where there is nothing to run. */
export function githubWorkflow({ validate, plan, conform, doctor }: Jobs): string | undefined {
  const nightly = [
    ...(conform === undefined ? [] : [nightlyJob('conform', { args: conform }, baselineLines)]),
    ...(plan === undefined ? [] : [nightlyJob('load', { config: plan }, lastNightLine)]),
    ...(doctor === undefined ? [] : [nightlyJob('doctor', { args: doctor })]),
  ];
  const jobs = [...(validate ? [validateJob] : []), ...nightly];
  if (jobs.length === 0) return undefined;
  const events = [
    ...(validate ? ['  pull_request:'] : []),
    ...(nightly.length > 0 ? ['  schedule:', "    - cron: '17 3 * * *'"] : []),
    '  workflow_dispatch:',
  ];
  const secrets =
    nightly.length > 0
      ? '# A registry that wants a login: set the secrets REGISTRY_USERNAME and REGISTRY_PASSWORD.\n'
      : '';
  return `# Written by \`pullproof init\`; ${docs} explains.
${secrets}name: pullproof
on:
${events.join('\n')}

permissions: {}

jobs:
${jobs.join('\n')}`;
}

const checkout = `      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
`;

const validateJob = `  # Documents of this repository; settings stand in .pullproof.yaml.
  validate:
    if: github.event_name != 'schedule'
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
      security-events: write
      pull-requests: write
    steps:
${checkout}
      - uses: pullproof/pullproof@v${version}
        with:
          verb: validate
          args: --layers .
          sarif-file: pullproof.sarif
          comment: 'true'
          artifact-name: validate
`;

/** Where conform's known failures stand. */
export const baselineName = 'conformance-baseline.yaml';

const baselineLines = `          # Known failures, which do not fail the job: made by conform --write-baseline ${baselineName}.
          baseline: \${{ hashFiles('${baselineName}') != '' && '${baselineName}' || '' }}
`;

const lastNightLine = `          # To hold it against the last good night, on a machine of your own: ${nightlyExample}
`;

/** Not for pull requests: those of forks have no secrets, and nobody's should make load. */
function nightlyJob(verb: string, inputs: Readonly<Record<string, string>>, more = ''): string {
  const given = Object.entries(inputs).map(([name, value]) => `          ${name}: '${value}'\n`);
  return `  ${verb}:
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: read
    steps:
${checkout}
      - uses: pullproof/pullproof@v${version}
        with:
          verb: ${verb}
${given.join('')}${more}          username: \${{ secrets.REGISTRY_USERNAME }}
          password: \${{ secrets.REGISTRY_PASSWORD }}
          artifact-name: ${verb}
`;
}

/** Text that stands in a file of GitLab CI with our template. */
export const gitlabTemplate = 'examples/gitlab/pullproof.gitlab-ci.yml';

/** Undefined where there is nothing to run. */
export function gitlabWorkflow(jobs: Jobs): string | undefined {
  const { validate, plan, conform, doctor, image } = jobs;
  if (!validate && plan === undefined && conform === undefined && doctor === undefined) {
    return undefined;
  }
  const variables = {
    ...(validate && { PULLPROOF_PATHS: '.', PULLPROOF_VALIDATE_ARGS: '--layers' }),
    ...(conform !== undefined && { PULLPROOF_REGISTRY: conform }),
    ...(plan !== undefined && {
      PULLPROOF_IMAGE: image,
      PULLPROOF_LOAD_ARGS: `--plan ${plan}`,
    }),
    ...(doctor !== undefined && { PULLPROOF_DOCTOR_IMAGE: doctor }),
  };
  const set = Object.entries(variables).map(([name, value]) => `  ${name}: '${value}'\n`);
  return `# Written by \`pullproof init\`; ${docs} explains.
# A registry that wants a login: set PULLPROOF_USERNAME, and as a masked variable PULLPROOF_PASSWORD.
include:
  - remote: https://raw.githubusercontent.com/pullproof/pullproof/v${version}/${gitlabTemplate}

${conform === undefined ? '' : gitlabBaseline}${set.length > 0 ? `variables:\n${set.join('')}` : ''}${validate ? '' : gitlabNoValidate}${doctor === undefined ? '' : gitlabDoctor}`;
}

const gitlabBaseline = `# Known failures, once there is a file of them (conform --write-baseline ${baselineName}):
# PULLPROOF_CONFORM_ARGS: --baseline ${baselineName}
`;

const gitlabNoValidate = `
pullproof-validate:
  rules:
    - when: never
`;

const gitlabDoctor = `
pullproof-doctor:
  extends: .pullproof
  script:
    - ask doctor --out=pullproof-doctor -- "$PULLPROOF_DOCTOR_IMAGE"
  artifacts:
    paths: [pullproof-doctor]
`;
