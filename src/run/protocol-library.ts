// `pullproof/protocol`: how clients talk to registries, without any I/O. A talk yields requests and is handed replies;
// `drive` runs one over any function that performs a request, `NodeDriver` of `pullproof` over the network.
export { drive, type Pause, type Perform } from '../drivers/drive.ts';
export { profiles } from '../profiles/index.ts';
export type { ClientProfile, Credentials } from '../protocol/client.ts';
export { type FailureClass, PullFailure } from '../protocol/failure.ts';
export type { Platform } from '../protocol/grammar/platform.ts';
export type {
  Ask,
  HeaderLine,
  Hop,
  HttpReply,
  HttpRequest,
  Phase,
  Talk,
  Timings,
  TransportFailure,
  Yielded,
} from '../protocol/talk.ts';
export type { Verification } from '../protocol/talks/blob.ts';
export {
  type LocatedImage,
  locate,
  type PullOptions,
  type PullResult,
  pull,
} from '../protocol/talks/pull.ts';
export { type PushOptions, type PushResult, push } from '../protocol/talks/push.ts';
