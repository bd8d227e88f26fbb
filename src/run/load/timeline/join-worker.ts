// A thread that joins some of the timelines of a merge (join.ts): gets an order, answers once, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../../lib/user-error.ts';
import type { JoinAnswer, JoinOrder } from './join.ts';
import { joinFiles } from './join-files.ts';

async function answerOf({ files, target }: JoinOrder): Promise<JoinAnswer> {
  try {
    return { counted: await joinFiles(files, target, () => undefined) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint } = error;
    return { refused: { code, message, hint } };
  }
}

parentPort?.postMessage(await answerOf(workerData as JoinOrder));
