// Allow lists of `doctor` are loaded by the programs that they are for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { renderAllowList } from '../../reports/allow-list.ts';
import type { HostRow, Results } from '../../reports/results.ts';
import { presets } from '../../src/run/doctor/hosts/presets.ts';
import { scratch } from '../lib/cli.ts';
import { doctorSample } from '../lib/sample-results.ts';
import { runTool, testWith } from '../lib/tools.ts';

/** All that there is to write: what a run saw, every preset, other ports, addresses of both kinds. */
const row = doctorSample.doctor.hostList[0]!;
const odd: Partial<HostRow>[] = [
  { host: 'localhost', port: 5000 },
  { host: '192.0.2.1' },
  { host: '[2001:db8::1]', port: 8443 },
  { host: '*.quay.io' },
];
const documented = Object.values(presets).flatMap(({ hosts }) =>
  hosts.map(({ host }) => ({ host })),
);
const hostList = [
  ...doctorSample.doctor.hostList,
  ...[...odd, ...documented].map((one) => ({ ...row, ...one })),
];
const results: Results = { ...doctorSample, doctor: { ...doctorSample.doctor, hostList } };

function written(name: string): { file: string; text: string; dir: string } {
  const dir = scratch();
  const text = renderAllowList(name, results);
  const file = join(dir, name);
  writeFileSync(file, text);
  return { file, text, dir };
}

describe('an allow list', () => {
  testWith('squid')('is loaded by squid', async () => {
    const { file, dir } = written('squid');
    const conf = join(dir, 'squid.conf');
    writeFileSync(conf, `http_port 127.0.0.1:3128\ninclude ${file}\nhttp_access deny all\n`);
    const { code, output } = await runTool('/usr/sbin/squid', ['-k', 'parse', '-f', conf]);
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/WARNING|ERROR|FATAL/);
    expect(output).toContain('acl pullproof_443 dstdomain registry.example.com');
  });

  testWith('nft', 'namespaces')('is taken by nft', async () => {
    const { file } = written('nftables');
    const { code, output } = await runTool('unshare', ['-n', '/usr/sbin/nft', '-c', '-f', file]);
    expect(code, output).toBe(0);
  });

  testWith('dnsmasq')('has lines that dnsmasq takes, to fill the sets', async () => {
    const { text, dir } = written('nftables');
    const lines = text.match(/nftset=\S+/g) ?? [];
    expect(lines.length).toBeGreaterThan(5);
    const conf = join(dir, 'dnsmasq.conf');
    writeFileSync(conf, `${lines.join('\n')}\n`);
    const { code, output } = await runTool('/usr/sbin/dnsmasq', ['--test', '-C', conf]);
    expect(code, output).toBe(0);
  });
});
