// What faults did to the content of a store: it lies over the content, and is never written anywhere.
import type { Body } from '../call.ts';

export class Damage {
  /** By digest. */
  readonly blobs = new Map<string, Body>();
  /** By `repository@digest`. */
  readonly manifests = new Map<string, Uint8Array>();
  /** `repository@digest`. */
  readonly lost = new Set<string>();

  isLost(repository: string, digest: string): boolean {
    return this.lost.size > 0 && this.lost.has(`${repository}@${digest}`);
  }

  manifest(repository: string, digest: string): Uint8Array | undefined {
    if (this.manifests.size === 0) return undefined;
    return this.manifests.get(`${repository}@${digest}`);
  }

  /** Who pushes what was lost has it again. */
  find(repository: string, digest: string): void {
    if (this.lost.size > 0) this.lost.delete(`${repository}@${digest}`);
  }

  healBlob(digest: string): void {
    this.blobs.delete(digest);
  }

  healManifest(repository: string, digest: string): void {
    if (this.manifests.size > 0) this.manifests.delete(`${repository}@${digest}`);
  }
}
