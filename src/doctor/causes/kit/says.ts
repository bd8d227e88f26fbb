// What clients put around the words of a failure, by where it strikes: `<…>` stands for what varies.
import type { Cause } from '../cause.ts';

type Says = Cause['says'];

/** kubelet, over containerd, puts its own in front. */
const kubelet = (words: string) =>
  `Failed to pull image "<image>": failed to pull and unpack image "<image>": ${words}`;

export function spoken(words: Omit<Says, 'kubelet'>): Says {
  return {
    ...words,
    ...(words.containerd !== undefined && { kubelet: kubelet(words.containerd) }),
  };
}

/** The first request to the registry did not get a reply: Go's words for why. */
export function atFirst(words: string): Says {
  return spoken({
    podman: `initializing source docker://<image>: fetching manifest <tag> in <repository>: pinging container registry <host>: Get "<url>": ${words}`,
    docker: `Get "<url>": ${words}`,
    containerd: `failed to resolve reference "<image>": failed to do request: Head "<url>": ${words}`,
  });
}

/** The token server did not reply. */
export function atToken(words: string): Says {
  return spoken({
    podman: `initializing source docker://<image>: fetching manifest <tag> in <repository>: Get "<url>": ${words}`,
    docker: `Get "<url>": ${words}`,
    containerd: `failed to resolve reference "<image>": failed to authorize: failed to fetch anonymous token: Get "<url>": ${words}`,
  });
}

/** The host of the config, which is the first blob, did not reply. */
export function atConfig(words: string): Says {
  return spoken({
    podman: `<copying system image from manifest list: >parsing image configuration: Get "<url>": ${words}`,
    docker: `error pulling image configuration: download failed after attempts=<n>: Get "<url>": ${words}`,
    containerd: `failed to copy: httpReadSeeker: failed open: failed to do request: Get "<url>": ${words}`,
  });
}
