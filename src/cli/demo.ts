// `pullproof demo`, which is `npm start`: everything once, against the mock.
import { Option } from 'commander';
import { runDemo } from '../run/demo.ts';
import { openOutput } from './output.ts';
import { addOutputFlags, readDurationMs, type Verb, wholeNumber } from './verb.ts';

export const demo: Verb = {
  declare(command) {
    command
      .option('--vus <n>', 'virtual users of the load test', wholeNumber(1, 1000), 20)
      .addOption(
        new Option('--duration <d>', 'length of the load test; a bare number is seconds')
          .argParser(readDurationMs)
          .default(10_000, '10s'),
      );
    addOutputFlags(command);
  },
  async run(_args, flags, call) {
    const output = await openOutput('demo', flags, call);
    const { say } = output.terminal;
    const durationSeconds = (flags.duration as number) / 1000;
    const options = { vus: flags.vus as number, durationSeconds, outDir: output.dir, say };
    return await output.finish(await runDemo(options, output.context));
  },
};
