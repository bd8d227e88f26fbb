// What other people's checkers notice: every nth fault of the mock (N, 50), before the official suite, `crane validate`
// and pullproof. `node bench/peers.ts [N]`; needs a build and `node test/lib/go-tools.ts`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../mocks/faults/index.ts';
import { type RunningMock, startMock } from '../mocks/server.ts';
import { medianOf } from '../src/lib/median.ts';
import { readOfficialCases } from '../src/run/conform/official/read-results.ts';
import { cli, readResults, scratch } from '../test/lib/cli.ts';
import { runTool } from '../test/lib/tools.ts';

/** What it says is wrong, as one text: a fault is noticed where that is another than of the sound mock. */
type Judge = (mock: RunningMock) => Promise<string>;

/** Of what was ended at its time limit: it has noticed nothing. */
const endless = 'no end';

const judges: Readonly<Record<string, Judge>> = {
  official: async ({ registry, username, password }) => {
    const folder = scratch();
    await runTool('conformance', [], {
      OCI_REGISTRY: new URL(registry).host,
      OCI_TLS: 'disabled',
      OCI_VERSION: 'dev',
      OCI_REPO1: 'team/app',
      OCI_REPO2: 'team/app-other',
      OCI_USERNAME: username,
      OCI_PASSWORD: password,
      OCI_RESULTS_DIR: folder,
    });
    const cases = readOfficialCases(readFileSync(join(folder, 'junit.xml'), 'utf8'));
    return JSON.stringify(cases?.failing);
  },
  crane: async ({ registry }) => {
    const image = `${new URL(registry).host}/demo/app:latest`;
    const words = ['validate', '--platform', 'linux/amd64', '--remote', image];
    const { code } = await runTool('crane', words);
    return code === -1 ? endless : String(code);
  },
  pullproof: async ({ registry, username, password }) => {
    const out = join(scratch(), 'run');
    const words = ['conform', `${registry}/demo/app`, '-q', '--out', out];
    await cli([...words, '--username', username, '--password-stdin'], { input: password });
    const wrong = readResults(out).checks?.filter(
      ({ verdict }) => verdict === 'fail' || verdict === 'warn',
    );
    return JSON.stringify(wrong?.map(({ id }) => id));
  },
};

const every = Number(process.argv[2] ?? 50);
const chosen = faults.filter(({ legal }) => legal === undefined).filter((_, i) => i % every === 0);
const sound: Record<string, string> = {};
const tally = Object.keys(judges).map((name) => ({ name, noticed: 0, seconds: [] as number[] }));
for (const fault of [undefined, ...chosen.map(({ id }) => id)]) {
  const told: string[] = [];
  for (const one of tally) {
    // crane follows no redirect to another private address (docs/clients.md).
    const mock = await startMock({ cdnPlace: 'port', faults: fault === undefined ? [] : [fault] });
    const startedAt = performance.now();
    const said = (await judges[one.name]?.(mock)) ?? '';
    one.seconds.push((performance.now() - startedAt) / 1000);
    await mock.close();
    if (fault === undefined) sound[one.name] = said;
    const isNoticed = said !== sound[one.name] && said !== endless;
    if (isNoticed) one.noticed++;
    told.push(`${one.name} ${said === endless ? endless : isNoticed ? 'yes' : 'no'}`);
  }
  console.log(`${fault ?? 'sound'}: ${told.join(', ')}`);
}
for (const { name, noticed, seconds } of tally) {
  const median = medianOf(seconds).toFixed(1);
  console.log(`${name}: ${noticed} of ${chosen.length} noticed, median ${median} s`);
}
