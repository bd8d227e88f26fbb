// `pullproof load`: flags and words; the engine is src/run/load/load.ts. Flags win over the file of a plan, that
// over the variables of k6.

import { type Command, Option } from 'commander';
import { docPage } from '../lib/doc-page.ts';
import { UserError } from '../lib/user-error.ts';
import { profiles } from '../profiles/index.ts';
import type { EngineChoice } from '../run/load/k6/find.ts';
import { runLoad } from '../run/load/load.ts';
import { parseK6Segment, parseSegment, type Segment } from '../run/load/plan/segment.ts';
import { shapeNames } from '../run/load/plan/shape.ts';
import type { Image } from '../run/target.ts';
import { hostAccessOf } from './host-access.ts';
import { addCalibrateFlag, calibrate, calibrateRunsOf } from './load-calibrate.ts';
import { dashboardOf, runWithDashboard } from './load-dashboard.ts';
import { addK8sFlags, describeForK8s, refuseWithoutK8s } from './load-k8s.ts';
import { readLoadRequest } from './load-plan.ts';
import { parsePlatformFlag, parseRate, parseSpeed, parseStart } from './load-words.ts';
import { openOutput } from './output.ts';
import {
  addAccessFlags,
  addOutputFlags,
  collect,
  type Flags,
  readDurationMs,
  type Verb,
  wholeNumber,
} from './verb.ts';

export const load: Verb = {
  declare(command) {
    command.argument(
      '[image...]',
      '[http://]HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]; several take turns',
    );
    addWhatFlags(command);
    addShapeFlags(command);
    addSharingFlags(command);
    addJudgingFlags(command);
    addCalibrateFlag(command);
    addAccessFlags(command);
    addOutputFlags(command);
    command.addHelpText('after', examples);
  },
  async run(words, flags, call) {
    refuseWithoutK8s(flags);
    if (flags.apply === true && words.length === 0 && flags.plan === undefined) {
      const { applyWritten } = await import('./load-apply.ts');
      return await applyWritten(flags, call);
    }
    const { port, images } = dashboardOf(flags, words);
    const request = await readLoadRequest(images, flags, process.env);
    const host = await hostAccessOf(flags, request.client);
    const withAccess = async (image: Image) => ({
      ...image,
      credentials: await host.credentials(image.registry, image.repository),
    });
    const withCredentials = await Promise.all(request.images.map(withAccess));
    const registries = request.images.map(({ registry }) => registry);
    const access = await host.trusting(registries);
    const { seed: planSeed, push, ...plan } = request;
    const segment = segmentOf(flags, process.env);
    // All who share a load must choose alike.
    const seed = flags.seed ?? planSeed ?? (segment && seedOfSegments);
    const common = {
      ...plan,
      images: withCredentials,
      push: push && { ...push, target: await withAccess(push.target) },
      engine: flags.engine as EngineChoice,
      k6Outs: k6OutsOf(flags, process.env.K6_OUT),
      segment,
      access,
    };
    const calibrated = calibrateRunsOf(flags, common);
    if (flags.k8s !== undefined) return await describeForK8s(common, { ...flags, seed }, call);
    const settled = { ...flags, seed };
    if (calibrated !== undefined) return await calibrate(common, calibrated, settled, call);
    if (port !== undefined) return await runWithDashboard(port, common, settled, call);
    const output = await openOutput('load', settled, call);
    const options = { ...common, outDir: output.dir };
    return await output.finish(await runLoad(options, output.context));
  },
};

function addWhatFlags(command: Command): void {
  command
    .option('--plan <file>', 'YAML file that says all this and more; flags win')
    .addOption(
      new Option('--client <name>', 'pull as this client does (default: podman)').choices(
        Object.keys(profiles),
      ),
    )
    .option(
      '--platform <os/arch[/variant]>',
      'platform to choose from an index (default: linux/amd64)',
      parsePlatformFlag,
    )
    .option(
      '--mirror <host>',
      'ask [http://]HOST[:PORT] before the registry, as the client does with mirrors (repeatable)',
      collect,
      [],
    )
    .option('--trace <file>', 'replay the requests of a log or trace against the registry')
    .option('--speed <n>', 'replay so many times faster, as 10x (default: 1x)', parseSpeed);
}

function addShapeFlags(command: Command): void {
  command
    .addOption(
      new Option('--shape <name>', 'how load arrives (default: from the flags below)').choices(
        shapeNames,
      ),
    )
    .option(
      '--vus <n>',
      'virtual users: clients pulling at once (default: 10)',
      wholeNumber(1, 100_000),
    )
    .option('--rate <n/s>', 'pulls started per second, however long they take', parseRate)
    .option(
      '--duration <d>',
      'how long, such as 500ms, 30s or 1h30m (default: 30s)',
      readDurationMs,
    )
    .option(
      '--iterations <n>',
      'this many pulls in all, shared by the virtual users',
      wholeNumber(1, 1e9),
    );
}

function addSharingFlags(command: Command): void {
  command
    .option(
      '--start-at <time>',
      'set up, then begin at this time: 2026-11-29T12:00:00Z, or +90s from now',
      (text) => parseStart(text),
    )
    .option('--segment <k/n>', 'make the kth of n equal shares; other processes make the rest')
    .option('--segment-sequence <points>', 'with --segment FROM:TO, all shares, as 0,1/4,1/2,1');
  addK8sFlags(command);
}

function addJudgingFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--verify <what>',
        'check digests of all or a sample of the blobs, sizes only, or nothing (default: all)',
      ).choices(['all', 'sample', 'size', 'none']),
    )
    .option(
      '--slo <expr>',
      "objective such as 'pull.p95<2s' or 'errors<0.1%' (repeatable)",
      collect,
      [],
    )
    .option('--abort-on-slo', 'end the run as soon as an objective is missed')
    .option(
      '--dashboard [port]',
      'serve the report on this machine (127.0.0.1) while it comes about (default: a free port)',
    )
    .option(
      '--k6-out <output>',
      'output of k6 beside ours: prometheus-rw, opentelemetry, json=FILE, … (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--engine <engine>', 'our k6 build, a stock k6, or the best there is')
        .choices(['auto', 'built', 'stock'])
        .default('auto'),
    );
}

const examples = `
Examples:
  $ pullproof load http://127.0.0.1:5000/demo/app:latest --vus 20 --duration 10s
  $ pullproof load registry.example/team/app:1.2 --rate 50/s --duration 5m --client containerd
  $ pullproof load registry.example/team/app:1.2 --iterations 100 --slo 'pull.p95<2s' --slo 'verified=100%'
  $ pullproof load registry.example/team/app:1.2 --shape breakpoint --rate 10/s
  $ pullproof load --plan fleet.yaml
  $ pullproof load registry.example/team/app:1.2 --trace access.log --speed 10x
  $ pullproof load --plan fleet.yaml --dashboard           the report in a browser, live
  $ pullproof load --plan fleet.yaml --segment 1/4         one of four machines
  $ pullproof load --plan fleet.yaml --k8s fleet --parallelism 8
  $ pullproof load --k8s fleet --apply                     run what was written, by kubectl

Shapes, objectives, plans and shares: ${docPage('load.md')}
`;

/** What processes choose by that share a load and were given no seed. */
const seedOfSegments = 1;

/** The flags, else the variables of k6. @throws UserError (exit 2) */
function segmentOf(
  { segment, segmentSequence }: Flags,
  variables: Readonly<Record<string, string | undefined>>,
): Segment | undefined {
  const sequence = segmentSequence as string | undefined;
  if (segment !== undefined) return parseSegment(segment as string, sequence);
  if (sequence !== undefined) {
    throw new UserError(
      'segment-invalid',
      '--segment-sequence says into what the load is split, but not which part is ours',
      'Give --segment FROM:TO too.',
    );
  }
  const { K6_EXECUTION_SEGMENT: part, K6_EXECUTION_SEGMENT_SEQUENCE: all } = variables;
  return part ? parseK6Segment(part, all || undefined) : undefined;
}

/** Short names of k6's own outputs. */
const outputNames: Readonly<Record<string, string>> = {
  'prometheus-rw': 'experimental-prometheus-rw',
};

/** k6 has one variable for one output; a flag of ours does not put it out of use. */
function k6OutsOf(flags: Flags, variable: string | undefined): string[] {
  const outs = [...(flags.k6Out as string[]), ...(variable ? [variable] : [])];
  return outs.map((out) => {
    const [name = '', ...target] = out.split('=');
    if (name === 'pullproof' || !/^[a-z0-9-]+$/.test(name)) {
      throw new UserError(
        'k6-out-invalid',
        `--k6-out ${JSON.stringify(out)} is no output beside ours`,
        'Write an output of k6, such as prometheus-rw, opentelemetry, json=FILE or csv=FILE.',
      );
    }
    return [outputNames[name] ?? name, ...target].join('=');
  });
}
