// The content of an image in a registry: each document and blob is asked for as clients do, and what
// the reply's head says is held against what came.
import { neutral } from '../../../checks/kit/neutral.ts';
import type { NodeDriver } from '../../../drivers/node.ts';
import { UserError } from '../../../lib/user-error.ts';
import { failureOf, PullFailure } from '../../../protocol/failure.ts';
import { exchange, openSession, type Session } from '../../../protocol/session.ts';
import type { HttpReply, Phase } from '../../../protocol/talk.ts';
import type { Content, ImageContent, Sought } from '../../../validate/image/content.ts';
import { type BlobDraft, computable } from '../../../validate/image/layer/inspection.ts';
import { digestHeader } from '../../../validate/image/rules.ts';
import { documentBytesMax } from '../../../validate/source.ts';
import type { Image } from '../../target.ts';
import { unreachable } from '../../unreachable.ts';

const manifestTypes = /manifest|index/;

export class RegistryContent implements ImageContent {
  readonly #driver: NodeDriver;
  readonly #image: Image;
  readonly #session: Session;
  readonly #layerBytesMax: number;

  constructor(driver: NodeDriver, image: Image, layerBytesMax: number) {
    const { registryUrl, repository, credentials } = image;
    this.#driver = driver;
    this.#image = image;
    this.#session = openSession(registryUrl, repository, neutral, credentials);
    this.#layerBytesMax = layerBytesMax;
  }

  pathOf(digest: string): string {
    return `${this.#image.registry}/${this.#image.repository}@${digest}`;
  }

  /**
   * The document that the reference names.
   * @throws UserError (exit 3) when the registry cannot be reached or has no such image
   */
  async top(): Promise<Content & { readonly body: Uint8Array }> {
    const { reference, text } = this.#image;
    const sought = await this.#fetch('manifests', reference, 'manifest').catch((error) => {
      throw this.#outOfReach(error);
    });
    if (typeof sought === 'object' && 'path' in sought && sought.body !== undefined) {
      return { ...sought, path: text, body: sought.body };
    }
    const why =
      typeof sought === 'object' && 'unavailable' in sought
        ? sought.unavailable
        : 'there is no such image';
    throw nothingToRead(text, why);
  }

  async document(digest: string, mediaType: string): Promise<Sought> {
    const isManifest = manifestTypes.test(mediaType);
    return await this.#try(() =>
      isManifest
        ? this.#fetch('manifests', digest, 'manifest')
        : this.#fetch('blobs', digest, 'config'),
    );
  }

  /** Layers are fetched only to be looked into. */
  async blob(): Promise<Sought> {
    return 'unchecked';
  }

  async stream(
    digests: ReadonlySet<string>,
    open: Parameters<ImageContent['stream']>[1],
  ): Promise<ReadonlyMap<string, string>> {
    const failed = new Map<string, string>();
    for (const digest of digests) {
      const sink = open(digest);
      const shape = {
        path: `/v2/${this.#session.repository}/blobs/${digest}`,
        want: 'none',
        bodyBytesMax: this.#layerBytesMax,
        phase: 'layer',
      } as const;
      try {
        const { request, reply } = await this.#driver.run(
          exchange(this.#session, shape),
          undefined,
          (piece) => sink.write(piece),
        );
        if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
        await sink.end();
      } catch (error) {
        if (!(error instanceof PullFailure) || error.class === 'interrupted') throw error;
        failed.set(digest, this.#redacted(error));
      }
    }
    return failed;
  }

  async #try(fetch: () => Promise<Sought>): Promise<Sought> {
    try {
      return await fetch();
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      if (error.class === 'interrupted') return 'unchecked';
      return { unavailable: this.#redacted(error) };
    }
  }

  async #fetch(kind: 'manifests' | 'blobs', reference: string, phase: Phase): Promise<Sought> {
    const chunks: Uint8Array[] = [];
    const { request, reply } = await this.#driver.run(
      exchange(this.#session, {
        path: `/v2/${this.#session.repository}/${kind}/${reference}`,
        accept: kind === 'manifests' ? neutral.acceptResolve : undefined,
        want: 'digest',
        algorithm: computable(reference) ?? 'sha256',
        bodyBytesMax: documentBytesMax,
        phase,
      }),
      undefined,
      async (piece) => {
        chunks.push(piece);
      },
    );
    if (reply.status === 404) return 'missing';
    if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
    const isTag = computable(reference) === undefined;
    return {
      path: this.pathOf(reference),
      bytes: reply.bytes,
      digest: reply.digest,
      body: Buffer.concat(chunks),
      contentType: kind === 'manifests' ? (reply.header('Content-Type') ?? '') : undefined,
      drafts: kind === 'manifests' ? headerDrafts(reply, isTag) : [],
    };
  }

  #outOfReach(error: unknown): unknown {
    if (!(error instanceof PullFailure) || error.class === 'interrupted') return error;
    error.message = this.#redacted(error);
    return unreachable(error) ?? nothingToRead(this.#image.text, error.message);
  }

  /** A reply may repeat what it was sent. */
  #redacted(error: PullFailure): string {
    return this.#driver.redactor.text(error.message);
  }
}

function headerDrafts(reply: HttpReply, isTag: boolean): BlobDraft[] {
  const said = reply.header('Docker-Content-Digest');
  if (said === undefined || said === reply.digest) return [];
  // For a tag the registry may choose another algorithm than ours.
  if (isTag && !said.startsWith('sha256:') && computable(said) !== undefined) return [];
  const detail = `Docker-Content-Digest says ${JSON.stringify(said.slice(0, 200))}, the bytes hash to ${reply.digest}`;
  return [{ rule: digestHeader, detail }];
}

function nothingToRead(text: string, problem: string): UserError {
  return new UserError(
    'nothing-to-read',
    `no image ${text} can be read: ${problem}`,
    'Name an image that exists: HOST[:PORT]/REPOSITORY:TAG, with credentials if it is private.',
    3,
  );
}
