// `pullproof load`: flags and words; the engine is src/run/load.ts.
import { InvalidArgumentError, Option } from 'commander';
import type { PlannedShape } from '../../scenarios/lib/plan.ts';
import { profiles } from '../profiles/index.ts';
import { type Platform, parsePlatform } from '../protocol/platform.ts';
import { UserError } from '../protocol/user-error.ts';
import type { EngineChoice } from '../run/k6.ts';
import { defaultRateVus, type LoadOptions, runLoad } from '../run/load.ts';
import { parseSlo } from '../run/slo.ts';
import { parseImage } from '../run/target.ts';
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

const vusDefault = 10;
const durationMsDefault = 30_000;
/** Iterations have no duration of their own; this ends a run that hangs. */
const iterationsMsMax = 24 * 3600 * 1000;

export const load: Verb = {
  declare(command) {
    command
      .argument('<image...>', '[http://]HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]; several take turns')
      .addOption(
        new Option('--client <name>', 'pull as this client does')
          .choices(Object.keys(profiles))
          .default('podman'),
      )
      .option(
        '--platform <os/arch[/variant]>',
        'platform to choose from an index',
        platform,
        platform('linux/amd64'),
      )
      .addOption(
        new Option('--shape <name>', 'how load arrives (default: from the flags below)').choices(
          shapes,
        ),
      )
      .option(
        '--vus <n>',
        `virtual users: clients pulling at once (default: ${vusDefault})`,
        wholeNumber(1, 100_000),
      )
      .option('--rate <n/s>', 'pulls started per second, however long they take', rate)
      .option('--duration <d>', 'how long (default: 30s)', parseDurationMs)
      .option(
        '--iterations <n>',
        'this many pulls in all, shared by the virtual users',
        wholeNumber(1, 1e9),
      )
      .addOption(
        new Option(
          '--verify <what>',
          'check digests of all or a sample of the blobs, sizes only, or nothing',
        )
          .choices(['all', 'sample', 'size', 'none'])
          .default('all'),
      )
      .option(
        '--slo <expr>',
        "objective such as 'pull.p95<2s' or 'errors<0.1%' (repeatable)",
        collect,
        [],
      )
      .addOption(
        new Option('--engine <engine>', 'our k6 build, a stock k6, or the best there is')
          .choices(['auto', 'built', 'stock'])
          .default('auto'),
      );
    addAccessFlags(command);
    addOutputFlags(command);
    command.addHelpText(
      'after',
      `
Examples:
  $ pullproof load http://127.0.0.1:5000/demo/app:latest --vus 20 --duration 10s
  $ pullproof load registry.example/team/app:1.2 --rate 50/s --duration 5m --client containerd
  $ pullproof load registry.example/team/app:1.2 --iterations 100 --slo 'pull.p95<2s' --slo 'verified=100%'
`,
    );
  },
  async run(images, flags, call) {
    const shape = shapeOf(flags);
    const slos = (flags.slo as string[]).map(parseSlo);
    const parsed = images.map((text) => parseImage(text, flags.plainHttp === true));
    const access = await accessOf(flags);
    const credentials = await credentialsOf(flags);
    const withCredentials = await Promise.all(
      parsed.map(async (image) => ({
        ...image,
        credentials: await credentials(image.registry, image.repository),
      })),
    );
    const output = await openOutput('load', flags, call);
    const results = await runLoad(
      {
        images: withCredentials,
        client: flags.client as string,
        platform: flags.platform as Platform,
        shape,
        verify: flags.verify as LoadOptions['verify'],
        engine: flags.engine as EngineChoice,
        slos,
        access,
        outDir: output.dir,
        live: output.terminal.live,
      },
      output.context,
    );
    return await output.finish(results);
  },
};

const shapes = ['vus', 'rate', 'iterations'] as const;

/** One shape: as named, or the one that the other flags tell. */
function shapeOf(flags: Flags): PlannedShape {
  const perSecond = flags.rate as number | undefined;
  const iterations = flags.iterations as number | undefined;
  const told = perSecond !== undefined ? 'rate' : iterations !== undefined ? 'iterations' : 'vus';
  const kind = (flags.shape as (typeof shapes)[number] | undefined) ?? told;
  if (perSecond !== undefined && iterations !== undefined) {
    throw conflict('--rate and --iterations exclude each other');
  }
  if (kind !== told) throw conflict(`--shape ${kind} does not go with the other flags`);
  const durationMs = flags.duration as number | undefined;
  const durationSeconds = Math.max(1, Math.round((durationMs ?? durationMsDefault) / 1000));
  const vus = flags.vus as number | undefined;
  if (perSecond !== undefined) {
    return { kind: 'rate', perSecond, durationSeconds, vus: vus ?? defaultRateVus(perSecond) };
  }
  if (iterations !== undefined) {
    const durationSecondsMax = Math.max(1, Math.round((durationMs ?? iterationsMsMax) / 1000));
    return {
      kind: 'iterations',
      iterations,
      vus: Math.min(vus ?? vusDefault, iterations),
      durationSecondsMax,
    };
  }
  return { kind: 'vus', vus: vus ?? vusDefault, durationSeconds };
}

function conflict(message: string): UserError {
  return new UserError(
    'shape-conflict',
    message,
    'Use --vus N --duration D (constant users), --rate N/s --duration D (constant rate), or --iterations N.',
  );
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined)
    throw new InvalidArgumentError('Write OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64.');
  return parsed;
}

function rate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m))?$/.exec(text);
  const perSecond = Number(match?.[1]) / (match?.[2] === 'm' ? 60 : 1);
  if (!(perSecond > 0) || perSecond > 100_000) {
    throw new InvalidArgumentError('Write a rate such as 50/s or 30/m, at most 100000/s.');
  }
  return perSecond;
}
