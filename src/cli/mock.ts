// `pullproof mock`: flags and words; the servers are mocks/server.ts.
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { adminPath } from '../../mocks/http/admin.ts';
import { parseBandwidth, parseLatency } from '../../mocks/http/shaping.ts';
import { type ServerOptions, startMock } from '../../mocks/server.ts';
import type { TokenField } from '../../mocks/site.ts';
import { Terminal } from './terminal.ts';
import { collect, parseBytes, parseDurationMs, type Verb, wholeNumber } from './verb.ts';

const port = wholeNumber(0, 65_535);

export const mock: Verb = {
  declare(command) {
    declareServers(command);
    declareTrouble(command);
    command
      .option(
        '--seed <n>',
        'seed of the content, password, keys and chances',
        wholeNumber(0, 0xffff_ffff),
        1,
      )
      .option('-q, --quiet', 'no words on standard error')
      .option(
        '--images <source>',
        'what to serve (repeatable): small, typical, large, many, an OCI layout, an archive of one or of docker save (PATH=REPOSITORY names it), or a YAML file',
        collect,
        [],
      )
      .option('--store <dir>', 'keep what is pushed in this folder, an OCI image layout')
      .option(
        '--store-limit <size>',
        'blobs, manifests and uploads together, such as 500MB; without --store 2GB',
        parseBytes,
      )
      .addHelpText('after', help);
  },
  async run(_args, flags, { signal }) {
    const redirect = flags.redirect === 'none' ? 'none' : flags.redirect === '307' ? 307 : 302;
    const latency = flags.latency as string | undefined;
    const bandwidth = flags.bandwidth as string | undefined;
    const terminal = new Terminal(flags.quiet === true);
    const sources = flags.images as string[];
    const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pullproof');
    const images = { sources, cacheFolder, progress: terminal.work, signal };
    const running = await startMock({
      images: sources.length === 0 ? undefined : images,
      storeDir: flags.store as string | undefined,
      storeBytesMax: flags.storeLimit as number | undefined,
      port: flags.port as number,
      cdnPort: flags.cdnPort as number,
      auth: flags.auth as ServerOptions['auth'],
      redirect,
      tls: flags.tls === true,
      cdnPlace: flags.cdnPlace as ServerOptions['cdnPlace'],
      cdnStyle: flags.cdnStyle as ServerOptions['cdnStyle'],
      cdnEdges: flags.cdnEdges as number,
      faults: flags.fault as string[],
      admin: flags.admin === true,
      latency: latency === undefined ? undefined : parseLatency(latency),
      bandwidth: bandwidth === undefined ? undefined : parseBandwidth(bandwidth),
      log: flags.log as string | undefined,
      logSecrets: flags.logSecrets === true,
      permissions: flags.permission as string[],
      tokenFields: flags.tokenField === 'both' ? undefined : [flags.tokenField as TokenField],
      tokenTtlSeconds: (flags.tokenTtl as number) / 1000,
      cdnTtlSeconds: (flags.cdnTtl as number) / 1000,
      seed: flags.seed as number,
    });
    const { close, ca, ...said } = running;
    process.stdout.write(`${JSON.stringify({ ...said, ca })}\n`);
    terminal.say(`listening on ${said.registry}, CDN on ${said.cdn}; Ctrl-C ends it`);
    if (flags.admin === true) terminal.say(`faults are switched at ${said.registry}${adminPath}`);
    if (!signal.aborted) await once(signal, 'abort');
    await close();
    return 0;
  },
};

const help = `
Prints one JSON line when it listens, and serves until it is stopped (Ctrl-C ends it with exit code 0).

Examples:
  $ pullproof mock
  $ pullproof mock --port 0 --cdn-port 0 --fault blob-flipped-byte
  $ pullproof mock --fault blob-body-cut:p=0.02:after=100:repo=demo/app --log requests.ndjson
  $ pullproof mock --images typical --images ./layout --images saved.tar=team/app
  $ pullproof mock --store ./registry
  $ pullproof mock --latency registry=5ms±2ms,edge=30ms --bandwidth edge=50MB/s
  $ skopeo copy --src-tls-verify=false docker://127.0.0.1:5000/demo/app:latest dir:app
`;

/** Addresses, authentication and the CDN. */
function declareServers(command: Command): void {
  command
    .option('--port <n>', 'port of the registry on 127.0.0.1, 0 for a free one', port, 5000)
    .option('--cdn-port <n>', 'port of the CDN on 127.0.0.2, 0 for a free one', port, 5001)
    .option('--tls', 'HTTPS and HTTP/2 with a CA of this run, whose file is printed as "ca"')
    .addOption(
      new Option('--auth <kind>', 'what the registry demands')
        .choices(['none', 'basic', 'bearer'])
        .default('bearer'),
    )
    .option(
      '--permission <rule>',
      'who may do what by token, as anonymous:REPO=none or user:team/*=pull (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--token-field <name>', 'where a token is in the reply to a GET')
        .choices(['both', 'token', 'access_token'])
        .default('both'),
    )
    .option('--token-ttl <duration>', 'life of a token', parseDurationMs, 300_000)
    .addOption(
      new Option(
        '--redirect <how>',
        'how blobs are served: status of the redirect to the CDN, or none',
      )
        .choices(['302', '307', 'none'])
        .default('302'),
    )
    .addOption(
      new Option(
        '--cdn-place <where>',
        'CDN on a host of its own, on another port of the registry, or relative to the registry',
      )
        .choices(['host', 'port', 'relative'])
        .default('host'),
    )
    .addOption(
      new Option('--cdn-style <style>', 'how URLs are signed; s3 has no cache')
        .choices(['cloudfront', 's3'])
        .default('cloudfront'),
    )
    .option('--cdn-ttl <duration>', 'life of a signed URL', parseDurationMs, 60_000)
    .option('--cdn-edges <n>', 'edges with caches of their own', wholeNumber(1, 1000), 3);
}

/** What goes wrong or slowly, and what is told of it. */
function declareTrouble(command: Command): void {
  command
    .option(
      '--fault <id>',
      'be wrong in this way (repeatable; see pullproof list faults), always or ID:p=0.02:after=100:repo=NAME',
      collect,
      [],
    )
    .option('--admin', 'let anyone who reaches the registry see and switch faults')
    .option('--latency <hops>', 'wait before replies, as registry=5ms±2ms,token=1ms,edge=30ms')
    .option('--bandwidth <hops>', 'limit of each hop in all, as registry=1MB/s,edge=50MB/s')
    .option('--log <file>', 'append a JSON line per request, without secrets')
    .option('--log-secrets', 'leave credentials, tokens and signatures in the log');
}
