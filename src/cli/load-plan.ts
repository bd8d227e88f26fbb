// What a load run is to do, from the flags, the file of a plan, and the variables of k6, in this order.
import type { Mix, ShapeName, Share } from '../../scenarios/lib/plan.ts';
import { meantName } from '../lib/nearest.ts';
import { UserError } from '../lib/user-error.ts';
import { profiles } from '../profiles/index.ts';
import type { Platform } from '../protocol/grammar/platform.ts';
import type { LoadOptions } from '../run/load/load.ts';
import { type PlanDocument, PlanFile, readPlanFile } from '../run/load/plan/file.ts';
import { type ShapeWish, type StagesWish, shapeOf } from '../run/load/plan/shape.ts';
import { parseSlo } from '../run/load/slo.ts';
import { type Image, parseImage } from '../run/target.ts';
import { parsePlatformFlag, parseRate, parseStart } from './load-words.ts';
import { mirrorsOf } from './mirrors.ts';
import { pushOf } from './push-plan.ts';
import { type Flags, readDurationMs, wholeNumber } from './verb.ts';

/** What the user asks a load run for, by flags or file. */
export type LoadRequest = Pick<
  LoadOptions,
  | 'images'
  | 'client'
  | 'platform'
  | 'shape'
  | 'vus'
  | 'mix'
  | 'mirrors'
  | 'push'
  | 'trace'
  | 'verify'
  | 'slos'
  | 'abortOnSlo'
  | 'startAtMs'
  | 'planFile'
> & { readonly seed?: number | undefined };

type Variables = Readonly<Record<string, string | undefined>>;

const platformDefault: Platform = { os: 'linux', architecture: 'amd64' };
const nodesKeepDefault = 10;

/** @throws UserError (exit 2) */
export async function readLoadRequest(
  words: readonly string[],
  flags: Flags,
  variables: Variables,
): Promise<LoadRequest> {
  const file = flags.plan as string | undefined;
  const plan = file === undefined ? new PlanFile('', '{}') : await readPlanFile(file);
  const { document } = plan;
  const images = imagesOf(words, flags, plan);
  const clients = flags.client === undefined ? clientsOf(plan) : undefined;
  const platforms = flags.platform === undefined ? platformsOf(plan) : undefined;
  const slos = flags.slo as string[];
  const wish = wishOf(flags, plan, variables);
  const trace = traceOf(flags, wish, document);
  const shape =
    trace === undefined
      ? placed(plan, () => shapeOf(wish, images.length))
      : // Made of the trace when it has been read; until then only its name counts.
        ({ kind: 'vus', name: 'replay', vus: trace.vus ?? 1, durationSeconds: 1 } as const);
  const open = shape.kind === 'rate' || (shape.kind === 'stages' && shape.of === 'rate');
  if (open && document.thinkTime !== undefined) {
    plan.make(['thinkTime'], () => {
      throw new UserError(
        'plan-conflict',
        'thinkTime does not go with a rate, which waits for nobody',
        'Leave thinkTime out, or use vus instead of rate.',
      );
    });
  }
  const client = (flags.client as string | undefined) ?? clients?.[0]?.value ?? 'podman';
  return {
    images,
    client,
    mirrors: mirrorsOf(flags, plan, {
      clients: clients?.map(({ value }) => value) ?? [client],
      images,
      isReplay: trace !== undefined,
    }),
    platform: (flags.platform as Platform | undefined) ?? platforms?.[0]?.value ?? platformDefault,
    shape,
    vus: wish.vus,
    mix: mixOf(plan, words.length > 0, clients, platforms),
    push: pushOf(plan, shape, flags.plainHttp === true),
    trace,
    verify: (flags.verify as LoadOptions['verify'] | undefined) ?? document.verify ?? 'all',
    slos:
      slos.length > 0
        ? slos.map(parseSlo)
        : (document.slo ?? []).map((text, at) => plan.make(['slo', at], () => parseSlo(text))),
    abortOnSlo: flags.abortOnSlo === true || document.abortOnSlo === true,
    startAtMs: startOf(flags, plan),
    seed: document.seed,
    ...(file !== undefined && { planFile: plan.shown() }),
  };
}

/** What a plan says of how load arrives, the most telling first. */
const shapeMembers = ['shape', 'stages', 'rate', 'iterations', 'duration', 'vus'] as const;

/** Complaints about the shape name the place where the plan tells it, if it does. */
function placed<T>(plan: PlanFile, work: () => T): T {
  const member = shapeMembers.find((name) => plan.document[name] !== undefined);
  return member === undefined ? work() : plan.make([member], work);
}

function startOf(flags: Flags, plan: PlanFile): number | undefined {
  const { startAt } = plan.document;
  const byFlag = flags.startAt as number | undefined;
  if (byFlag !== undefined || startAt === undefined) return byFlag;
  return plan.read(['startAt'], startAt, (text) => parseStart(text));
}

function imagesOf(words: readonly string[], flags: Flags, plan: PlanFile): Image[] {
  const plainHttp = flags.plainHttp === true;
  if (words.length > 0) return words.map((text) => parseImage(text, plainHttp));
  const listed = plan.document.images ?? [];
  if (listed.length > 0) {
    return listed.map((one, at) => {
      const text = typeof one === 'string' ? one : one.image;
      return plan.make(['images', at], () => parseImage(text, plainHttp));
    });
  }
  throw new UserError(
    'image-missing',
    'no image is named to pull',
    'Write one as [http://]HOST[:PORT]/REPOSITORY[:TAG], or give --plan FILE with images.',
  );
}

/** Variables of k6 that ask for a shape count where neither flag nor plan does. */
function wishOf(flags: Flags, plan: PlanFile, variables: Variables): ShapeWish {
  const { document } = plan;
  const fromFile: ShapeWish = {
    shape: document.shape as ShapeName | undefined,
    vus: document.vus,
    perSecond: document.rate && plan.read(['rate'], document.rate, parseRate),
    durationMs: document.duration && plan.read(['duration'], document.duration, readDurationMs),
    iterations: document.iterations,
    stages: document.stages && stagesOf(plan, document.stages),
  } as ShapeWish;
  const fromFlags: ShapeWish = {
    shape: flags.shape as ShapeName | undefined,
    vus: flags.vus as number | undefined,
    perSecond: flags.rate as number | undefined,
    durationMs: flags.duration as number | undefined,
    iterations: flags.iterations as number | undefined,
  };
  const wish = defined({ ...fromFile }, fromFlags);
  // Another shape by flag puts away what the file says for its own.
  if (fromFlags.shape !== undefined && fromFlags.shape !== document.shape) {
    return defined({ vus: fromFile.vus }, fromFlags);
  }
  const told = Object.values(wish).some((value) => value !== undefined);
  return told ? wish : wishOfVariables(variables);
}

function defined(base: ShapeWish, over: ShapeWish): ShapeWish {
  const entries = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(entries) };
}

function wishOfVariables(variables: Variables): ShapeWish {
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = variables[name];
    if (text === undefined || text === '') return undefined;
    try {
      return parse(text);
    } catch (error) {
      const message = `the variable ${name}=${text} cannot be read`;
      throw new UserError('variable-invalid', message, (error as Error).message);
    }
  };
  return {
    vus: read('K6_VUS', wholeNumber(1, 100_000)),
    durationMs: read('K6_DURATION', readDurationMs),
    iterations: read('K6_ITERATIONS', wholeNumber(1, 1e9)),
  };
}

function stagesOf(plan: PlanFile, stages: NonNullable<PlanDocument['stages']>): StagesWish {
  const of = stages[0]?.rate === undefined ? 'vus' : 'rate';
  return {
    of,
    stages: stages.map((stage, at) =>
      plan.make(['stages', at], () => {
        const target = of === 'rate' ? stage.rate : stage.vus;
        if (target === undefined) {
          throw new UserError(
            'plan-conflict',
            `the stage names no ${of}, as the first one does`,
            'Name vus in all stages, or rate in all of them.',
          );
        }
        return {
          seconds: plan.read(['stages', at, 'duration'], stage.duration, readDurationMs) / 1000,
          target:
            typeof target === 'string'
              ? plan.read(['stages', at, 'rate'], target, parseRate)
              : target,
        };
      }),
    ),
  };
}

function traceOf(
  flags: Flags,
  { shape, vus, perSecond, iterations, durationMs }: ShapeWish,
  { stages }: PlanDocument,
): LoadRequest['trace'] {
  const file = flags.trace as string | undefined;
  const speed = flags.speed as number | undefined;
  if (file === undefined) {
    if (speed === undefined) return undefined;
    throw new UserError('shape-conflict', '--speed is about a replay', 'Give --trace FILE too.');
  }
  const other = [perSecond, iterations, durationMs, stages].some((wished) => wished !== undefined);
  if (other || (shape !== undefined && shape !== 'replay')) {
    throw new UserError(
      'shape-conflict',
      'a replay keeps the timing of its trace, and takes no other shape, rate, duration or iterations',
      'Give --speed, and --vus for the most requests at once.',
    );
  }
  return { file, speed: speed ?? 1, vus };
}

function mixOf(
  plan: PlanFile,
  imagesByFlag: boolean,
  clients: Share<string>[] | undefined,
  platforms: Share<Platform>[] | undefined,
): Omit<Mix, 'seed'> | undefined {
  const { nodes, thinkTime } = plan.document;
  const mix = {
    images: imagesByFlag ? undefined : weightsOf(plan),
    clients,
    platforms,
    nodes:
      typeof nodes === 'number'
        ? { count: nodes, keep: nodesKeepDefault }
        : nodes && { count: nodes.count, keep: nodes.keep ?? nodesKeepDefault },
    thinkMs: thinkTime === undefined ? undefined : thinkMsOf(plan, thinkTime),
  };
  return Object.values(mix).some((part) => part !== undefined) ? mix : undefined;
}

function weightsOf(plan: PlanFile): number[] | undefined {
  const { images = [], zipf } = plan.document;
  const weighted = images.some((one) => typeof one !== 'string' && one.weight !== undefined);
  if (zipf !== undefined) {
    if (weighted) {
      plan.make(['zipf'], () => {
        throw new UserError(
          'plan-conflict',
          'zipf gives the images their weights, and some have one of their own',
          'Leave out zipf, or the weights.',
        );
      });
    }
    return images.map((_, at) => (at + 1) ** -zipf);
  }
  if (!weighted) return undefined;
  return images.map((one) => (typeof one === 'string' ? 1 : (one.weight ?? 1)));
}

function clientsOf(plan: PlanFile): Share<string>[] | undefined {
  const { clients } = plan.document;
  return (
    clients &&
    Object.entries(clients).map(([value, weight]) =>
      plan.make(['clients', value], () => {
        if (Object.hasOwn(profiles, value)) return { value, weight };
        const meant = meantName(value, Object.keys(profiles));
        const known = `Known are: ${Object.keys(profiles).join(', ')}.`;
        const hint = meant === undefined ? known : `Did you mean ${meant}? ${known}`;
        throw new UserError('client-unknown', `no client profile is named ${value}`, hint);
      }),
    )
  );
}

function platformsOf(plan: PlanFile): Share<Platform>[] | undefined {
  const { platforms } = plan.document;
  return (
    platforms &&
    Object.entries(platforms).map(([text, weight]) => ({
      value: plan.read(['platforms', text], text, parsePlatformFlag),
      weight,
    }))
  );
}

function thinkMsOf(plan: PlanFile, thinkTime: NonNullable<PlanDocument['thinkTime']>) {
  if (typeof thinkTime === 'string') {
    const ms = plan.read(['thinkTime'], thinkTime, readDurationMs);
    return { min: ms, max: ms };
  }
  const min = plan.read(['thinkTime', 'min'], thinkTime.min, readDurationMs);
  const max = plan.read(['thinkTime', 'max'], thinkTime.max, readDurationMs);
  if (min <= max) return { min, max };
  return plan.make(['thinkTime'], () => {
    throw new UserError('plan-conflict', 'thinkTime.min is above thinkTime.max', 'Swap them.');
  });
}
