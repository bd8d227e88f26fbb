// The catalogue of client profiles: one file per client, one line here.
import type { ClientProfile } from '../protocol/client.ts';
import { containerd } from './containerd.ts';
import { podman } from './podman.ts';

/** By name; the first is the default. */
export const profiles: Readonly<Record<string, ClientProfile>> = { podman, containerd };
