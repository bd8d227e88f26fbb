// The volume of the timelines, by a pod that mounts it as the runners do: proven before any load, emptied after.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../../../lib/user-error.ts';
import { timelinesFolder } from '../../merge/parts.ts';
import { collectorName } from '../manifests.ts';
import { type Following, followPod } from './follow.ts';
import type { Kubectl } from './kubectl.ts';
import { mustHaveWorked, wordsOf } from './said.ts';

const collectorFile = 'collector.yaml';
const folder = '/results';
const execMs = 60_000;
/** What kubectl says when a command in a container failed by itself. */
const commandEnded = 'command terminated with exit code';
/** What one timeline may have while it is compressed. */
const bytesMax = 4 * 1024 ** 3;
const triesMax = 3;
const atOnceMax = 4;

/** Makes the claim, proves the volume, and takes away what runs of the name left there. @throws UserError */
export async function prepareVolume(following: Following, kubectl: Kubectl): Promise<void> {
  const { described, signal } = following;
  const { name, claimDocument } = described;
  if (claimDocument !== undefined) {
    const words = ['apply', '--server-side', '-f', '-'];
    mustHaveWorked(await kubectl.run(words, { input: claimDocument }));
  }
  await openCollector(following, kubectl);
  if (signal.aborted) return;
  const probe = `p=${folder}/.${name}-probe; echo . > "$p" && rm "$p"`;
  const probed = await inCollector(name, probe, kubectl);
  // Else it was not done at all.
  const isDone = probed.stderr.includes(commandEnded);
  if (probed.code !== 0 && isDone) throw unwritable(described.claim ?? '', wordsOf(probed));
  mustHaveWorked(probed);
  mustHaveWorked(await inCollector(name, `rm -f ${folder}/${name}-[0-9]*.ndjson`, kubectl));
}

/** A pod of an earlier run may have ended, or another volume. */
async function openCollector(following: Following, kubectl: Kubectl): Promise<void> {
  const { described } = following;
  const pod = collectorName(described.name);
  await deleteCollector(described.name, kubectl);
  const file = join(described.dir, collectorFile);
  mustHaveWorked(await kubectl.run(['apply', '--server-side', '-f', file]));
  await followPod(following, pod);
}

/** At once: it has nothing to bring to an end, and where its node is gone nobody else would take it away. */
async function deleteCollector(name: string, kubectl: Kubectl): Promise<void> {
  const at = ['delete', 'pod', collectorName(name), '--ignore-not-found'];
  const words = [...at, '--grace-period=0', '--force', '--timeout=60s'];
  mustHaveWorked(await kubectl.run(words, { timeoutMs: execMs }));
}

function inCollector(name: string, script: string, kubectl: Kubectl) {
  const words = ['exec', collectorName(name), '--', 'sh', '-c', script];
  return kubectl.run(words, { timeoutMs: execMs });
}

function unwritable(claim: string, words: string): UserError {
  return new UserError(
    'volume-not-writable',
    `the runners could not write their timelines to the volume of ${claim}: ${words}`,
    'Let user 12345 write there (fsGroup does nothing on hostPath and NFS), or do without a volume: --results logs.',
    3,
  );
}

/** Copies what the runners wrote into the folder, each whole. Gives the names. @throws UserError */
export async function fetchFromVolume(
  following: Following,
  kubectl: Kubectl,
): Promise<readonly string[]> {
  const { dir, name } = following.described;
  // It lives for an hour, and nodes come and go.
  const listed = await list(name, kubectl).catch(async () => {
    await openCollector(following, kubectl);
    return await list(name, kubectl);
  });
  await mkdir(join(dir, timelinesFolder), { recursive: true });
  const line = 'fetching the timelines';
  const left = [...listed];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      following.show({ title: `${line}, ${left.length + 1} to come`, rows: [], line });
      await copied(name, ...next, join(dir, timelinesFolder, next[0]), kubectl);
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, work));
  return listed.map(([file]) => file);
}

/** Names and digests. */
async function list(name: string, kubectl: Kubectl): Promise<[file: string, sha256: string][]> {
  const script = `cd ${folder}; for f in ${name}-[0-9]*.ndjson; do [ -f "$f" ] && sha256sum "$f"; done; true`;
  const { stdout } = mustHaveWorked(await inCollector(name, script, kubectl));
  return stdout.split('\n').flatMap((line) => {
    const [, sha256 = '', file = ''] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? [];
    // It is the name of a file here.
    return /^[a-z0-9-]+\.ndjson$/.test(file) ? [[file, sha256] as [string, string]] : [];
  });
}

/** Streams of exec have lost their tail before now: only what has the right sum counts. */
async function copied(
  name: string,
  file: string,
  sha256: string,
  target: string,
  kubectl: Kubectl,
): Promise<void> {
  let why = '';
  for (let tries = 1; tries <= triesMax; tries++) {
    const hash = createHash('sha256');
    const gunzip = createGunzip();
    const hashing = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    const writing = pipeline(gunzip, hashing, createWriteStream(target)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const words = ['exec', collectorName(name), '--', 'gzip', '-c', `${folder}/${file}`];
    const said = await kubectl.stream(words, gunzip, { bytesMax, silentMs: execMs });
    gunzip.end();
    const broken = await writing;
    if (said.code === 0 && broken === undefined && hash.digest('hex') === sha256) return;
    why = said.code === 0 ? (broken ?? 'what came is not what lies there') : wordsOf(said);
  }
  throw new UserError('timeline-not-fetched', `${file}: ${why}`, 'Copy it by hand.', 3);
}
