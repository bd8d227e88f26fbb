// The engine of `demo`: documents, checks and load against the mock, in one results document.
import { startMock } from '../../mocks/server.ts';
import type { DocumentResult, Results } from '../../reports/results.ts';
import { neutral } from '../checks/kit/neutral.ts';
import { NodeDriver } from '../drivers/node.ts';
import { UserError } from '../lib/user-error.ts';
import { openSession } from '../protocol/session.ts';
import { fetchDocuments } from '../protocol/talks/documents.ts';
import { validateDocument } from '../validate/index.ts';
import { runConform } from './conform/conform.ts';
import { type Access, conclude, newResults, type RunContext } from './context.ts';
import { type LoadOptions, runLoad } from './load/load.ts';
import { type Image, parseImage } from './target.ts';

export interface DemoOptions {
  readonly vus: number;
  readonly durationSeconds: number;
  /** Existing folder for timeline.ndjson and k6.log. */
  readonly outDir: string;
  /** Told what comes next; one line a step. */
  readonly say: (line: string) => void;
}

const access: Access = { timeoutMs: 30_000, insecure: false };

export async function runDemo(options: DemoOptions, context: RunContext): Promise<Results> {
  const mock = await startMock({ seed: context.seed });
  const results = newResults('demo', `the mock registry on ${mock.registry}`, context);
  // The folder is that of the whole.
  const part = { ...context, begin: undefined };
  try {
    const images = mock.images.map((text) => parseImage(`http://${text}`, true));
    options.say(`mock registry on ${mock.registry}, CDN on ${mock.cdn}`);
    options.say('1 of 3: validating the documents of its images');
    results.documents = await judgeDocuments(images);
    options.say('2 of 3: checking the registry');
    const conformed = await conform(images, part);
    if (conformed.checks !== undefined) results.checks = conformed.checks;
    options.say(
      `3 of 3: pulling for ${options.durationSeconds} s with ${options.vus} virtual users`,
    );
    const loaded = await load(images, options, part).catch((error: unknown) => {
      // Without a k6, or stopped while it was built: what was found until then is told.
      if (context.signal.aborted) return undefined;
      if (error instanceof UserError) return error;
      throw error;
    });
    if (loaded instanceof UserError) return withoutLoad(results, loaded, context);
    if (loaded?.load !== undefined) results.load = loaded.load;
    const valid = results.documents.every((document) => document.valid);
    const passed = valid && conformed.exitCode === 0 && loaded?.exitCode === 0;
    return conclude(results, passed ? 'pass' : 'fail', context.signal);
  } finally {
    await mock.close();
  }
}

/** The documents and checks of a demo for whose load there is no k6. */
function withoutLoad(results: Results, error: UserError, { signal }: RunContext): Results {
  const { message, hint, exitCode } = error;
  const interrupted = `The load test could not be run: ${message}. ${hint}`;
  return { ...conclude(results, 'fail', signal), verdict: 'error', exitCode, interrupted };
}

async function judgeDocuments(images: readonly Image[]): Promise<DocumentResult[]> {
  const driver = new NodeDriver(access);
  try {
    const judged: DocumentResult[] = [];
    for (const { registryUrl, repository, reference } of images) {
      const session = openSession(registryUrl, repository, neutral);
      for (const document of await driver.run(fetchDocuments(session, reference))) {
        const { name: path, mediaType: contentType, text } = document;
        judged.push(validateDocument(new TextEncoder().encode(text), { path, contentType }));
      }
    }
    return judged;
  } finally {
    await driver.close();
  }
}

function conform([target]: readonly Image[], context: RunContext): Promise<Results> {
  if (target === undefined) throw new Error('the mock has no images');
  const selection = { only: [], skip: [], level: 'all' } as const;
  return runConform({ ...selection, jobs: 1, target, redirectPolicy: 'required', access }, context);
}

function load(
  images: readonly Image[],
  options: DemoOptions,
  context: RunContext,
): Promise<Results> {
  const { vus, durationSeconds, outDir } = options;
  const choices: LoadOptions = {
    images,
    client: 'podman',
    platform: { os: 'linux', architecture: 'amd64' },
    shape: { kind: 'vus', vus, durationSeconds },
    verify: 'all',
    engine: 'auto',
    slos: [],
    access,
    outDir,
  };
  return runLoad(choices, context);
}
