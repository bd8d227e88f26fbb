// The catalogue of client profiles: one file per client, one line here per client and version.
import type { ClientProfile } from '../protocol/client.ts';
import { appleContainer } from './apple-container.ts';
import { containerd, containerd16, containerdParallel, dockerContainerd } from './containerd.ts';
import { crane } from './crane.ts';
import { crio } from './cri-o.ts';
import { docker, docker2010 } from './docker.ts';
import { kubeletContainerd, kubeletCrio } from './kubelet.ts';
import { lazy } from './lazy.ts';
import { oras } from './oras.ts';
import { podman, podman5, podman43 } from './podman.ts';
import { regclient } from './regclient.ts';
import { skopeo, skopeo19 } from './skopeo.ts';
import { sociParallel } from './soci.ts';

const all: readonly ClientProfile[] = [
  podman,
  podman5,
  podman43,
  skopeo,
  skopeo19,
  crio,
  docker,
  docker2010,
  dockerContainerd,
  containerd,
  containerd16,
  containerdParallel,
  crane,
  regclient,
  oras,
  kubeletContainerd,
  kubeletCrio,
  lazy,
  sociParallel,
  appleContainer,
];

/** By name; the first is the default. A name with a version (`podman@4.3`) is an older client. */
export const profiles: Readonly<Record<string, ClientProfile>> = Object.fromEntries(
  all.map((profile) => [profile.name, profile]),
);
