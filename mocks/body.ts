// Reads the body of a call, over HTTP or in process: short ones are held, of long ones the mock says what
// becomes of them before more is read.
import {
  type BodyPlan,
  type Call,
  type CallHead,
  formBytesMax,
  noBytes,
  shortBytesMax,
} from './call.ts';
import { Blocks } from './store/memory.ts';
import { tokenPath } from './tokens/token-server.ts';

export interface Planner {
  planFor(head: CallHead): BodyPlan;
}

/**
 * Resolves when the body is whole, or when no more of it is wanted: then the rest has not been read. What
 * is staged is for the caller to release. Rejects when the chunks do, and nothing is staged then.
 */
export async function readBody(
  mock: Planner,
  head: CallHead,
  chunks: AsyncIterable<Uint8Array>,
  planned?: BodyPlan,
): Promise<Call> {
  const isLong = Number(head.header('content-length') ?? 0) > shortBytesMax;
  let plan = planned ?? (isLong ? mock.planFor(head) : undefined);
  const held = new Blocks();
  try {
    if (plan !== 'unread') {
      for await (const chunk of chunks) {
        if (plan === undefined && held.length + chunk.length > shortBytesMax) {
          plan = mock.planFor(head);
        }
        if (plan === 'unread') break;
        if (plan !== undefined && 'write' in plan) {
          const earlier = held.length > 0 ? held.bytes() : noBytes;
          held.truncate(0);
          if (earlier.length > 0 && !(await plan.write(earlier))) break;
          if (!(await plan.write(chunk))) break;
        } else {
          held.append(chunk);
          if (plan !== undefined && held.length > plan.holdBytesMax) break;
        }
      }
    }
    if (plan === 'unread') return callOf(head, noBytes);
    if (plan === undefined || 'holdBytesMax' in plan) return callOf(head, held.bytes());
    await plan.end();
    return { ...callOf(head, noBytes), staged: plan };
  } catch (error) {
    if (typeof plan === 'object' && 'release' in plan) plan.release();
    throw error;
  }
}

/** The whole call. */
export function callOf(head: CallHead, body: Uint8Array): Call {
  const hasForm = head.method === 'POST' && head.path === tokenPath;
  const form = hasForm ? Buffer.from(body.subarray(0, formBytesMax)).toString() : '';
  return { ...head, form, body };
}
