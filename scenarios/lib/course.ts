// What a pull or push meets on its way, counted as it happens: failures, what is tried again after one, and
// the client's own waits. The first of each kind is told in full, as a JSON line of the log.
import { setTimeout } from 'k6/timers';
import { rememberByObject } from '../../src/lib/remember.ts';
import { imageName } from '../../src/profiles/words/speech.ts';
import { PullFailure } from '../../src/protocol/failure.ts';
import { hostOf } from '../../src/protocol/grammar/uri.ts';
import type { Pause } from './drive.ts';
import type { Engine, Tags } from './engine.ts';
import type { K6Plan, PlannedImage } from './plan.ts';

/** One pull or push under way. */
export interface Course {
  readonly of: 'pull' | 'push';
  /** Whose it is: tags of all that is counted. */
  readonly whose: Tags;
  /** Something was tried again. */
  retried: boolean;
}

/** Of so many images each has figures of its own; with more, names would fill every output of k6. */
const imagesToldMax = 50;

const ofClients = rememberByObject((image: PlannedImage) => {
  const name = imageName({ ...image, registry: hostOf(image.registryUrl) });
  return new Map<string, Tags>([['', { image: name }]]);
});

/** However many images there are. */
export function nameOf(image: PlannedImage): string {
  return ofClients(image).get('')?.image ?? '';
}

/** The tags of a pull of this image by this client. */
export function whoseOf({ images }: K6Plan, image: PlannedImage, client: string): Tags {
  const known = ofClients(image);
  let tags = known.get(client);
  if (tags === undefined) {
    tags = images.length > imagesToldMax ? { client } : { client, ...known.get('') };
    known.set(client, tags);
  }
  return tags;
}

/** Performs the pauses of this pull or push, and counts what they are for. */
export function pauseOf(engine: Engine, course: Course): Pause {
  return ({ waitMs, why, after }, done) => {
    if (after !== undefined) {
      if (!course.retried) engine.addTagged(course.whose, `${course.of}_with_retry`, 1);
      course.retried = true;
      tell(engine, course, 'retried', after);
    }
    if (waitMs === 0) return done();
    const { class: kind = '', hop = '', host = '' } = after ?? {};
    const tags = { ...course.whose, why, class: kind, hop, host };
    engine.addTagged(tags, `${course.of}_wait`, waitMs);
    setTimeout(done, waitMs);
  };
}

/** Counts what it failed with. */
export function fail(engine: Engine, course: Course, error: unknown): void {
  if (error instanceof PullFailure) {
    tell(engine, course, 'failed', error);
    return;
  }
  engine.addTagged({ ...course.whose, class: 'harness-error' }, `${course.of}_failed`, 1);
  if (!engine.isFirst(`${course.of} harness-error`)) return;
  const message = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ [`${course.of}Failure`]: 'harness-error', message }));
  throw error;
}

function tell(engine: Engine, { of, whose }: Course, what: Told, failure: PullFailure): void {
  const { class: kind, phase, hop, host, status, reason = '', message, evidence } = failure;
  const where = { class: kind, phase, hop, host, status: String(status), reason };
  engine.addTagged({ ...whose, ...where }, `${of}_${what}`, 1);
  if (!engine.isFirst(`${of} ${what} ${kind} ${reason} ${hop} ${host} ${status}`)) return;
  const name = what === 'failed' ? `${of}Failure` : `${of}Retried`;
  console.error(JSON.stringify({ [name]: kind, ...whose, ...where, message, evidence }));
}

type Told = 'failed' | 'retried';
