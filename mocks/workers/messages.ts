// What the process that began and its workers say to each other over Node's channel, in order.
import type { TlsFiles } from '../http/tls.ts';
import type { ImageOptions, SeededImage } from '../images.ts';
import type { ServerOptions } from '../server.ts';
import type { Origins } from '../site.ts';
import type { Change } from '../store/change.ts';

/** What a worker is made of; plain data. */
export interface WorkerPlan {
  readonly options: Omit<ServerOptions, 'images' | 'now' | 'workers'>;
  readonly origins: Origins;
  /** Origins of the listening addresses, by place. */
  readonly listening: readonly string[];
  readonly tls: TlsFiles | undefined;
  /** Folder of the store, whose blobs the worker reads. */
  readonly storeDir: string;
  /** What is there from the start is made or read by each worker, from these sources. */
  readonly base: Pick<ImageOptions, 'sources' | 'cacheFolder'> | undefined;
  /** Unix socket of the process that began (primary-server.ts). */
  readonly primaryPath: string;
  /** Connections are numbered from here. */
  readonly connectionsBefore: number;
  /** Part of each hop's bandwidth, as one in so many. */
  readonly bandwidthShare: number;
}

export type ToWorker =
  | { readonly kind: 'begin'; readonly plan: WorkerPlan }
  | { readonly kind: 'changes'; readonly sequence: number; readonly changes: readonly Change[] }
  /** All that was there has been told. */
  | { readonly kind: 'know'; readonly images: readonly SeededImage[] }
  /** Whether the worker answers nothing by itself. */
  | { readonly kind: 'forward'; readonly sequence: number; readonly all: boolean }
  /** Comes with its socket. */
  | { readonly kind: 'connection'; readonly place: number }
  | { readonly kind: 'end' };

export type FromWorker =
  | { readonly kind: 'begun' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly sequence: number }
  | { readonly kind: 'failed'; readonly message: string };
