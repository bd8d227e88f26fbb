// A Node driver for the length of one piece of work: interrupted with the run, closed whatever happens.
import { NodeDriver, type NodeDriverOptions } from '../drivers/node.ts';
import type { Access } from './context.ts';

/** Resolves or rejects as `work` does. Once `signal` is aborted, requests end as `interrupted`. */
export async function withDriver<T>(
  access: Access & Pick<NodeDriverOptions, 'onWait'>,
  signal: AbortSignal,
  work: (driver: NodeDriver) => Promise<T>,
): Promise<T> {
  const driver = new NodeDriver(access);
  const interrupt = () => driver.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    return await work(driver);
  } finally {
    signal.removeEventListener('abort', interrupt);
    await driver.close();
  }
}
