// The flags of `pullproof mock`, in groups, and the options of the servers that they make.
import { type Command, Option } from 'commander';
import { frontNames } from '../../mocks/fronts/front.ts';
import { parseBandwidth, parseLatency } from '../../mocks/http/shaping.ts';
import type { ServerOptions } from '../../mocks/server.ts';
import type { TokenField } from '../../mocks/site.ts';
import { UserError } from '../lib/user-error.ts';
import { collect, type Flags, readDurationMs, readSizeBytes, wholeNumber } from './verb.ts';

const port = wholeNumber(0, 65_535);
const workersMax = 64;

export function declareMockFlags(command: Command): void {
  declareContent(command);
  declareServers(command);
  declareAuth(command);
  declareCdn(command);
  declarePolicy(command);
  declareTrouble(command);
  command.addHelpText('after', help);
}

/** @throws UserError `latency-unreadable`, `bandwidth-unreadable`, `hop-unknown`, `deletable-unknown` */
export function mockOptionsOf(flags: Flags): Omit<ServerOptions, 'images'> {
  const latency = flags.latency as string | undefined;
  const bandwidth = flags.bandwidth as string | undefined;
  return {
    ...policyOf(flags),
    storeDir: flags.store as string | undefined,
    storeBytesMax: flags.storeLimit as number | undefined,
    seed: flags.seed as number,
    port: flags.port as number,
    cdnPort: flags.cdnPort as number,
    host: flags.host as string | undefined,
    cdnHost: flags.cdnHost as string | undefined,
    name: flags.name as string | undefined,
    tls: flags.tls === true,
    workers: flags.workers as number,
    auth: flags.auth as ServerOptions['auth'],
    permissions: flags.permission as string[],
    tokenFields: flags.tokenField === 'both' ? undefined : [flags.tokenField as TokenField],
    tokenKeysDir: flags.tokenKeys as string | undefined,
    tokenTtlSeconds: (flags.tokenTtl as number) / 1000,
    redirect: flags.redirect === 'none' ? 'none' : flags.redirect === '307' ? 307 : 302,
    cdnPlace: flags.cdnPlace as ServerOptions['cdnPlace'],
    cdnName: flags.cdnName as string | undefined,
    cdnStyle: flags.cdnStyle as ServerOptions['cdnStyle'],
    cdnTtlSeconds: (flags.cdnTtl as number) / 1000,
    cdnEdges: flags.cdnEdges as number,
    faults: flags.fault as string[],
    admin: flags.admin === true,
    latency: latency === undefined ? undefined : parseLatency(latency),
    bandwidth: bandwidth === undefined ? undefined : parseBandwidth(bandwidth),
    log: flags.log as string | undefined,
    logSecrets: flags.logSecrets === true,
  };
}

const help = `
Prints one JSON line when it listens, and serves until it is stopped (Ctrl-C ends it with exit code 0).

crane from 0.21.8 on follows no redirect to another private address ("SSRF protection"): for it, put the
CDN on the registry's address by --cdn-place port.

Examples:
  $ pullproof mock
  $ pullproof mock --port 0 --cdn-port 0 --fault blob-flipped-byte
  $ pullproof mock --fault blob-body-cut:p=0.02:after=100:repo=demo/app --log requests.ndjson
  $ pullproof mock --images typical --images ./layout --images saved.tar=team/app
  $ pullproof mock --store ./registry --workers 4
  $ pullproof mock --host 0.0.0.0 --name mock.example
  $ pullproof mock --anonymous-push --max-blob 100MB --refuse-delete tag --sparse allow
  $ pullproof mock --token-keys ./keys
  $ pullproof mock --cdn-place port --cdn-style s3 --cdn-ttl 20m
  $ pullproof mock --latency registry=5ms±2ms,edge=30ms --bandwidth edge=50MB/s
  $ skopeo copy --src-tls-verify=false docker://127.0.0.1:5000/demo/app:latest dir:app
`;

function declareContent(command: Command): void {
  command
    .optionsGroup('Content:')
    .option(
      '--images <source>',
      'what to serve (repeatable): small, typical, large, many, an OCI layout, an archive of one or of docker save (PATH=REPOSITORY names it), or a YAML file',
      collect,
      [],
    )
    .option(
      '--store <dir>',
      'keep everything in this folder, an OCI image layout, images of the start included: typical takes 13 GB there',
    )
    .option(
      '--store-limit <size>',
      'blobs, manifests and uploads together, such as 500MB; without --store 2GB',
      readSizeBytes,
    )
    .option(
      '--seed <n>',
      'seed of the content, password, keys and chances',
      wholeNumber(0, 0xffff_ffff),
      1,
    );
}

function declareServers(command: Command): void {
  command
    .optionsGroup('Servers:')
    .option('--port <n>', 'port of the registry, 0 for a free one', port, 5000)
    .option('--cdn-port <n>', 'port of the CDN, 0 for a free one', port, 5001)
    .option(
      '--host <address>',
      'address to listen on (default: 127.0.0.1); any other than of loopback lets other machines in',
    )
    .option(
      '--name <host>',
      'HOST[:PORT] by which clients reach the registry (default: its address); needed with 0.0.0.0',
    )
    .option(
      '--cdn-host <address>',
      'address of the CDN (default: 127.0.0.2, or that of the registry if it is none of loopback)',
    )
    .option('--tls', 'HTTPS and HTTP/2 with a CA of this run, whose file is printed as "ca"')
    .option(
      '--workers <n>',
      'processes that answer side by side, over one store',
      wholeNumber(1, workersMax),
      1,
    )
    .option('--log <file>', 'append a JSON line per request, without secrets')
    .option('--log-secrets', 'leave credentials, tokens and signatures in the log')
    .option('-q, --quiet', 'no words on standard error');
}

function declareAuth(command: Command): void {
  command
    .optionsGroup('Authentication:')
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
    .option('--anonymous-push', 'anyone may push, and pull what was pushed')
    .addOption(
      new Option('--token-field <name>', 'where a token is in the reply to a GET')
        .choices(['both', 'token', 'access_token'])
        .default('both'),
    )
    .option(
      '--token-keys <dir>',
      'sign tokens for registries of your own: JWTs, by the key in this folder, made if there is none',
    )
    .addOption(
      new Option('--token-ttl <duration>', 'life of a token')
        .argParser(readDurationMs)
        .default(300_000, '5m'),
    );
}

function declareCdn(command: Command): void {
  command
    .optionsGroup('CDN:')
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
        'on a host of its own, on another port of the registry, or relative to the registry',
      )
        .choices(['host', 'port', 'relative'])
        .default('host'),
    )
    .option(
      '--cdn-name <host>',
      'HOST[:PORT] of the CDN in redirects, such as a subdomain that the clients resolve to its address',
    )
    .addOption(
      new Option('--cdn-style <style>', 'how URLs are signed; s3 has no cache')
        .choices(['cloudfront', 's3'])
        .default('cloudfront'),
    )
    .addOption(
      new Option('--cdn-ttl <duration>', 'life of a signed URL')
        .argParser(readDurationMs)
        .default(60_000, '1m'),
    )
    .option('--cdn-edges <n>', 'edges with caches of their own', wholeNumber(1, 1000), 3);
}

const count = wholeNumber(1, 1_000_000);
const deletables = ['tag', 'manifest', 'blob'] as const;

/** Without defaults: those are mocks/registry/policy.ts's. */
function declarePolicy(command: Command): void {
  command
    .optionsGroup('Policy of the registry:')
    .addOption(
      new Option('--like <front>', 'stand in for one that takes no pushes').choices(frontNames),
    )
    .addOption(
      new Option(
        '--sparse <what>',
        'manifests that name what is not there (default: refuse)',
      ).choices(['allow', 'refuse']),
    )
    .option(
      '--refuse-delete <kind>',
      `answer 405 to deletes of a ${deletables.join(', ')} (repeatable)`,
      collect,
      [],
    )
    .option('--max-blob <size>', '413 for larger blobs (default: 64GiB)', readSizeBytes)
    .option('--max-manifest <size>', '413 for larger manifests (default: 4MiB)', readSizeBytes)
    .option('--min-chunk <size>', 'announce and insist on OCI-Chunk-Min-Length', readSizeBytes)
    .option('--max-uploads <n>', '429 for more uploads at once (default: 1000)', count)
    .option(
      '--max-upload-bytes <size>',
      '429 when all uploads together hold more (default: 256GiB)',
      readSizeBytes,
    )
    .option('--upload-ttl <duration>', 'forget idle uploads (default: 1h)', readDurationMs)
    .option('--page-size <n>', 'most tags, referrers or repositories in a page', count)
    .option('--warning <text>', 'send it with every reply as Warning (repeatable)', collect, []);
}

function policyOf(flags: Flags) {
  const noDelete = (flags.refuseDelete as string[]).map((word) => {
    const kind = deletables.find((one) => one === word);
    if (kind !== undefined) return kind;
    const message = `--refuse-delete: "${word.slice(0, 100)}" is nothing that is deleted`;
    throw new UserError('deletable-unknown', message, `There are ${deletables.join(', ')}.`);
  });
  const uploadTtlMs = flags.uploadTtl as number | undefined;
  return {
    sparse: flags.sparse as ServerOptions['sparse'],
    noDelete,
    like: flags.like as ServerOptions['like'],
    anonymousPush: flags.anonymousPush === true,
    blobBytesMax: flags.maxBlob as number | undefined,
    manifestBytesMax: flags.maxManifest as number | undefined,
    chunkBytesMin: flags.minChunk as number | undefined,
    uploadsMax: flags.maxUploads as number | undefined,
    uploadsBytesMax: flags.maxUploadBytes as number | undefined,
    uploadTtlSeconds: uploadTtlMs === undefined ? undefined : uploadTtlMs / 1000,
    pageEntriesMax: flags.pageSize as number | undefined,
    warnings: flags.warning as string[],
  };
}

function declareTrouble(command: Command): void {
  command
    .optionsGroup('Trouble:')
    .option(
      '--fault <id>',
      'be wrong in this way (repeatable; see pullproof list faults), always or ID:p=0.02:after=100:repo=NAME',
      collect,
      [],
    )
    .option('--admin', 'let anyone who reaches the registry see and switch faults')
    .option('--latency <hops>', 'wait before replies, as registry=5ms±2ms,token=1ms,edge=30ms+30%')
    .option('--bandwidth <hops>', 'limit of each hop in all, as registry=1MB/s,edge=50MB/s');
}
