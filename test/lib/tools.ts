// Real programs that some tests need. Absent, the test is skipped with a word; where the environment
// requires them (CI), it fails instead.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';
import { goToolPath } from './go-tools.ts';

/** Tool → the package of Debian that has it: `.ci/run` installs them. */
export const debianPackages: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  chromium: 'chromium',
  containerd: 'containerd',
  curl: 'curl',
  dnsmasq: 'dnsmasq-base',
  docker: 'docker.io',
  'docker-registry': 'docker-registry',
  dockerd: 'docker.io',
  fish: 'fish',
  ip: 'iproute2',
  mandoc: 'mandoc',
  nft: 'nftables',
  nginx: 'nginx-light',
  openssl: 'openssl',
  podman: 'podman',
  'pre-commit': 'pre-commit',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  skopeo: 'skopeo',
  squid: 'squid',
  tinyproxy: 'tinyproxy',
  umoci: 'umoci',
  xmllint: 'libxml2-utils',
  zsh: 'zsh',
};

/** On every machine that builds pullproof, or nowhere required. */
const others: ReadonlySet<string> = new Set([
  ...['bash', 'git', 'go', 'nsenter', 'script', 'unshare'],
  ...['kubectl', 'zot'],
]);

/**
 * `k6` stands for our build of it, `namespaces` for the right to have a mount namespace; those of go-tools.ts
 * are the ones that we pin.
 */
function isInstalled(tool: string): boolean {
  if (tool === 'k6') return process.env.PULLPROOF_TEST_NO_K6 !== '1';
  if (tool === 'namespaces') return spawnSync('unshare', ['-m', 'true']).status === 0;
  const built = goToolPath(tool);
  if (built !== undefined) return existsSync(built);
  if (!Object.hasOwn(debianPackages, tool) && !others.has(tool)) {
    throw new Error(`${tool}: where does CI have it from? test/lib/tools.ts says so of each tool`);
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, tool)));
}

/** As `testWith`, for tools that are nowhere required: absent, the test is skipped. */
export function testWithOptional(...tools: string[]): typeof test {
  return hasTools(...tools) ? test : standInFor(tools, false);
}

/**
 * `test` when all tools are there; else one test in its place that says what is missing: it skips, or
 * fails under PULLPROOF_REQUIRE_TOOLS=1.
 */
export function testWith(...tools: string[]): typeof test {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return test;
  return standInFor(missing, process.env.PULLPROOF_REQUIRE_TOOLS === '1');
}

function standInFor(missing: readonly string[], isRequired: boolean): typeof test {
  const standIn = (name: string) =>
    test(name, ({ skip }) => {
      const need = `needs ${missing.join(' and ')}`;
      if (!isRequired) skip(need);
      throw new Error(`${need}, which PULLPROOF_REQUIRE_TOOLS=1 requires (CONTRIBUTING.md)`);
    });
  return Object.assign(standIn, { each: () => standIn }) as unknown as typeof test;
}

/** Runs a program to its end; stdout and stderr as text. Servers of this process go on meanwhile. */
export function runTool(
  tool: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(goToolPath(tool) ?? tool, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      env: { ...process.env, ...variables },
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

export function hasTools(...tools: string[]): boolean {
  return tools.every(isInstalled);
}
