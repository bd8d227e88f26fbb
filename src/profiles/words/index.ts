// What people see when a pull of theirs fails: the words of the clients themselves, put together from phase,
// hop, status and reply. Held against the libraries of five clients in test/programs/pull-oracle.
import { parseJson } from '../../lib/json.ts';
import { appleContainer } from './apple-container.ts';
import { containerd } from './containerd.ts';
import { containers, storage } from './containers.ts';
import { containers523, storage523 } from './containers-5.23.ts';
import { crane } from './crane.ts';
import { docker } from './docker.ts';
import { brokenOff } from './go.ts';
import { oras } from './oras.ts';
import { regclient } from './regclient.ts';
import { imageName, type Met, type Pulled, type Speech } from './speech.ts';

export type { Met, Pulled } from './speech.ts';

/** `Failed to pull image "R": …`, as kubelet's events have it. */
const byKubelet =
  (speech: Speech, between = ''): Speech =>
  (said) => {
    const words = speech(said);
    const name = imageName(said.image);
    const runtime = between === '' ? '' : `${between} "${name}": `;
    return words === undefined ? undefined : `Failed to pull image "${name}": ${runtime}${words}`;
  };

/** Until Go 1.20 crypto/tls passed on what crypto/x509 says as it is. */
const byGo119 =
  (speech: Speech): Speech =>
  (said) =>
    speech(said)?.replace('tls: failed to verify certificate: ', '');

/** Counted from one, and without the request, which its transfer manager leaves out. */
const docker2010: Speech = (said) =>
  docker(said)?.replace(/after attempts=5: (?:Get|Head) "[^"]*": /, 'after attempts=6: ');

const speeches: Readonly<Record<string, Speech>> = {
  podman: storage,
  'podman@4.3': storage523,
  skopeo: containers,
  'skopeo@1.9': containers523,
  'cri-o': storage,
  'kubelet-cri-o': byKubelet(storage),
  docker,
  'docker@20.10': byGo119(docker2010),
  containerd,
  'containerd@1.6': byGo119(containerd),
  'docker-containerd': containerd,
  lazy: containerd,
  'kubelet-containerd': byKubelet(containerd, 'failed to pull and unpack image'),
  crane,
  regclient,
  oras,
  'containerd-parallel': containerd,
  'soci-parallel': containerd,
  'apple-container': appleContainer,
};

/** What the client with this profile prints; undefined where that is not known. Other older versions speak as today's. */
export function wordsOf(client: string, image: Pulled, met: Met): string | undefined {
  const [name = ''] = client.split('@');
  const words = (speeches[client] ?? speeches[name])?.({ ...met, image });
  return words !== undefined && isUntrue(words, met.evidence.body) ? undefined : words;
}

/** Said of a text that can be parsed, and is refused for something else. Of a long one we have but a part. */
function isUntrue(words: string, body: string): boolean {
  return words.endsWith(brokenOff) && parseJson(body) !== undefined;
}
