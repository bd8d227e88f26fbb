// The metrics of whole pulls and pushes, beside those of single requests that each engine emits.
import { Counter, Trend } from 'k6/metrics';

export const metrics = {
  pull_started: new Counter('pull_started'),
  pull_ok: new Counter('pull_ok'),
  /** Tagged `class`. */
  pull_failed: new Counter('pull_failed'),
  /** Of configs and layers. */
  pull_bytes: new Counter('pull_bytes'),
  pull_verified_bytes: new Counter('pull_verified_bytes'),
  /** Successful pulls only: a pull that fails at once must not make the others look fast. */
  pull_duration: new Trend('pull_duration', true),
  push_started: new Counter('push_started'),
  push_ok: new Counter('push_ok'),
  /** Tagged `class`. */
  push_failed: new Counter('push_failed'),
  /** Of blobs that were uploaded, by successful pushes. */
  push_bytes: new Counter('push_bytes'),
  /** Blobs that the registry had already. */
  push_known: new Counter('push_known'),
  /** Successful pushes only. */
  push_duration: new Trend('push_duration', true),
} as const;
