// The mock on the addresses of the cluster, with the options of its one word.
import { startMock } from '../../../mocks/server.ts';

const { close, ...said } = await startMock(JSON.parse(process.argv[2] ?? '{}'));
console.log(JSON.stringify(said));
process.once('SIGTERM', async () => {
  await close();
  process.exit(0);
});
