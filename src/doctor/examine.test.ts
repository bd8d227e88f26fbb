import { expect, test } from 'vitest';
import { examineWorld, soundHosts } from '../../test/lib/doctor-world.ts';

test('a healthy pull: every hop, every host, blobs verified, repeats', async () => {
  const { facts } = await examineWorld();
  const [pull, again] = facts.pulls;
  expect(pull?.failure).toBeUndefined();
  expect(pull?.served?.url).toBe('https://registry.test');
  expect(pull?.exchanges.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(['ping', 'token', 'index', 'manifest', 'config', 'layer']),
  );
  expect(facts.hosts.map(({ host, role }) => `${role} ${host}`)).toEqual([
    'registry registry.test:443',
    'token auth.test:443',
    'edge cdn.test:443',
  ]);
  expect(again?.exchanges.some(({ hop }) => hop === 'edge')).toBe(true);
  expect(facts.probes.map(({ id, held }) => [id, held])).toEqual([['range', true]]);
});

test('a firewall that drops the CDN: the blob fails there, and nowhere else', async () => {
  const hosts = { ...soundHosts, 'cdn.test': { ports: { 443: { state: 'dropped' as const } } } };
  const { facts } = await examineWorld({ world: { hosts } });
  const [pull] = facts.pulls;
  expect(pull?.failure).toMatchObject({ class: 'dial-timeout', host: 'cdn.test', phase: 'config' });
  const edge = facts.hosts.find(({ role }) => role === 'edge');
  expect(edge?.dials.map(({ failure }) => failure)).toEqual(['dial-timeout']);
  expect(edge?.lookups.map(({ failure }) => failure)).toEqual(['', 'empty']);
});
