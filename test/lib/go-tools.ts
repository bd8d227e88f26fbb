// The tools of test/tools (crane, regctl, oras, the registries of distribution v3, of olareg and of zot, the
// official conformance suite, pullers by the libraries of clients, benchstat, actionlint, xk6, and a collector of OpenTelemetry), pinned there by
// go.mod and go.sum.
// Each module is built once into the user's cache, under a name made from what it pins and from its own
// sources: by `node test/lib/go-tools.ts`, never by a test. Those of a Kubernetes, which take longest, only where
// they are asked for: `node test/lib/go-tools.ts kubernetes k6-operator`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from '../../src/run/package-root.ts';

interface GoModule {
  readonly folder: string;
  readonly tags: readonly string[];
  /** Tool → package; its program is named as the package's folder. */
  readonly packages: Readonly<Record<string, string>>;
  /** Variables of Go that the build sets, with their values. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Not built with the others. */
  readonly isAskedFor?: true;
}

const kubernetesVersion = 'k8s.io/component-base/version';

const modules: readonly GoModule[] = [
  {
    folder: 'test/tools',
    tags: [],
    packages: {
      crane: 'github.com/google/go-containerregistry/cmd/crane',
      regctl: 'github.com/regclient/regclient/cmd/regctl',
      oras: 'oras.land/oras/cmd/oras',
      registry: 'github.com/distribution/distribution/v3/cmd/registry',
      olareg: 'github.com/olareg/olareg/cmd/olareg',
      conformance: 'github.com/opencontainers/distribution-spec/conformance',
    },
  },
  {
    folder: 'test/tools/zot',
    // Without it, the OpenPGP of containers/image needs cgo and the headers of gpgme.
    tags: ['containers_image_openpgp'],
    // Not `zot`: that one is whatever is installed.
    packages: { 'zot-1.4': 'zotregistry.io/zot/cmd/zot' },
  },
  {
    folder: 'test/tools/collector',
    tags: [],
    packages: { collector: './collector' },
  },
  {
    folder: 'test/tools/xk6',
    tags: [],
    packages: { xk6: 'go.k6.io/xk6' },
  },
  {
    folder: 'test/tools/perf',
    tags: [],
    packages: { benchstat: 'golang.org/x/perf/cmd/benchstat' },
  },
  {
    folder: 'test/tools/actionlint',
    tags: [],
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
  },
  {
    folder: 'test/tools/pullers',
    // As above; and nothing of containers/image that talks to daemons or to storage of this machine.
    tags: [
      'containers_image_openpgp',
      'containers_image_docker_daemon_stub',
      'containers_image_storage_stub',
    ],
    packages: {
      'ask-containerd': './ask-containerd',
      'ask-containers': './ask-containers',
      'pull-containerd': './pull-containerd',
      'pull-containers': './pull-containers',
      'pull-crane': './pull-crane',
      'pull-oras': './pull-oras',
      'pull-regclient': './pull-regclient',
    },
  },
  {
    folder: 'test/tools/kubernetes',
    // Without the drivers of clouds.
    tags: ['providerless'],
    packages: { kubernetes: './hyper', pause: './pause' },
    // What servers and clients tell each other of themselves.
    variables: {
      [`${kubernetesVersion}.gitVersion`]: 'v1.34.3',
      [`${kubernetesVersion}.gitMajor`]: '1',
      [`${kubernetesVersion}.gitMinor`]: '34',
    },
    isAskedFor: true,
  },
  {
    folder: 'test/tools/k6-operator',
    tags: [],
    packages: { 'k6-operator': 'github.com/grafana/k6-operator/cmd' },
    isAskedFor: true,
  },
];

/** A Kubernetes takes 16 minutes of two idle cores. */
const buildMsMax = 3_600_000;

/** Where the program is, or will be once it is built; undefined for what is not one of ours. */
export function goToolPath(name: string): string | undefined {
  const module = modules.find(({ packages }) => Object.hasOwn(packages, name));
  return module && join(cacheFolder(module), basename(module.packages[name] ?? name));
}

function cacheFolder({ folder, tags, variables = {} }: GoModule): string {
  const set = Object.entries(variables).flat();
  const how = [process.platform, process.arch, ...tags, ...set].join(' ');
  const hash = createHash('sha256').update(`${how}\n`);
  const cwd = join(packageRoot, folder);
  // Of a module that has sources, those too.
  const sources = globSync('*/*.go', { cwd }).sort();
  for (const file of ['go.mod', 'go.sum', ...sources]) hash.update(readFileSync(join(cwd, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'pullproof', `test-tools-${hash.digest('hex').slice(0, 16)}`);
}

/** Builds beside the place and renames, so that nobody ever sees half of it. */
function build(module: GoModule): void {
  const folder = cacheFolder(module);
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    const set = Object.entries(module.variables ?? {}).map(
      ([name, value]) => `-X ${name}=${value}`,
    );
    const linked = `-ldflags=${['-s -w', ...set].join(' ')}`;
    const flags = ['-trimpath', '-buildvcs=false', linked, `-tags=${module.tags.join()}`];
    const words = ['build', ...flags, '-o', `${temporary}/`, ...Object.values(module.packages)];
    const { status, error } = spawnSync('go', words, {
      cwd: join(packageRoot, module.folder),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
      stdio: 'inherit',
      timeout: buildMsMax,
    });
    if (status !== 0) throw error ?? new Error(`go build ended with ${status}`);
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Modules by the last names of their folders; none: all but those that are only built where they are asked for. */
export function buildGoTools(names: readonly string[]): void {
  const chosen = modules.filter(({ folder, isAskedFor }) =>
    names.length === 0 ? isAskedFor !== true : names.includes(basename(folder)),
  );
  for (const module of chosen) {
    build(module);
    console.log(cacheFolder(module));
  }
}

if (import.meta.main) buildGoTools(process.argv.slice(2));
