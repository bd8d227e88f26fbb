// `pullproof load`: flags and words; the engine is src/run/load.ts. Flags win over the file of a plan, that
// over the variables of k6.
import { type Command, Option } from 'commander';
import { profiles } from '../profiles/index.ts';
import { UserError } from '../protocol/user-error.ts';
import type { EngineChoice } from '../run/k6.ts';
import { type LoadOptions, runLoad } from '../run/load.ts';
import { shapeNames } from '../run/load-shape.ts';
import { readPlan } from './load-plan.ts';
import { parsePlatformFlag, parseRate, parseSpeed } from './load-words.ts';
import { openOutput } from './output.ts';
import {
  accessOf,
  addAccessFlags,
  addOutputFlags,
  collect,
  credentialsOf,
  type Flags,
  parseDurationMs,
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
    addJudgingFlags(command);
    addAccessFlags(command);
    addOutputFlags(command);
    command.addHelpText('after', examples);
  },
  async run(images, flags, call) {
    const settled = await readPlan(images, flags, process.env);
    const access = await accessOf(flags);
    const credentials = await credentialsOf(flags);
    const withCredentials = await Promise.all(
      settled.images.map(async (image) => ({
        ...image,
        credentials: await credentials(image.registry, image.repository),
      })),
    );
    const output = await openOutput('load', { ...flags, seed: flags.seed ?? settled.seed }, call);
    const { seed, ...plan } = settled;
    const options: LoadOptions = {
      ...plan,
      images: withCredentials,
      engine: flags.engine as EngineChoice,
      k6Outs: k6OutsOf(flags, process.env.K6_OUT),
      access,
      outDir: output.dir,
      live: output.terminal.live,
    };
    return await output.finish(await runLoad(options, output.context));
  },
};

function addWhatFlags(command: Command): void {
  command
    .option('--plan <file>', 'YAML file that says all this and more (docs/load.md); flags win')
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
    .option('--duration <d>', 'how long (default: 30s)', parseDurationMs)
    .option(
      '--iterations <n>',
      'this many pulls in all, shared by the virtual users',
      wholeNumber(1, 1e9),
    );
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
`;

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
