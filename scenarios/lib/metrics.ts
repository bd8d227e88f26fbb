// The metrics of whole pulls and pushes, beside those of single requests that each engine emits.
import { Counter, Trend } from 'k6/metrics';

export const metrics = {
  pull_started: new Counter('pull_started'),
  pull_ok: new Counter('pull_ok'),
  /** Tagged as all failures are: class, reason, phase, hop, host, status. */
  pull_failed: new Counter('pull_failed'),
  /** What was tried again or resumed after such a failure, tagged alike. */
  pull_retried: new Counter('pull_retried'),
  /** Pulls in which that happened. */
  pull_with_retry: new Counter('pull_with_retry'),
  /** Milliseconds of the client's own pauses, when they begin; tagged `why`, and what failed before: class, hop, host. */
  pull_wait: new Counter('pull_wait'),
  /** Of configs and layers. */
  pull_bytes: new Counter('pull_bytes'),
  pull_verified_bytes: new Counter('pull_verified_bytes'),
  /** Successful pulls only: a pull that fails at once must not make the others look fast. */
  pull_duration: new Trend('pull_duration', true),
  push_started: new Counter('push_started'),
  push_ok: new Counter('push_ok'),
  /** Tagged as those of pulls. */
  push_failed: new Counter('push_failed'),
  push_retried: new Counter('push_retried'),
  push_with_retry: new Counter('push_with_retry'),
  push_wait: new Counter('push_wait'),
  /** Of blobs that were uploaded, by successful pushes. */
  push_bytes: new Counter('push_bytes'),
  /** Blobs that the registry had already. */
  push_known: new Counter('push_known'),
  /** Successful pushes only. */
  push_duration: new Trend('push_duration', true),
} as const;
