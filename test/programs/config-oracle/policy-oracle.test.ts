// policy.json and registries.d beside the real programs: Debian's skopeo and the newest library copy an image where
// we say that the policy accepts it and nowhere else, and look for signatures where we say that they lie.
import { describe, expect } from 'vitest';
import { findPolicy, type PolicyFinding } from '../../../src/access/containers/policy.ts';
import { testWith } from '../../lib/tools.ts';
import { copiers, Host, type Program, type Situation } from './programs.ts';
import { startStandIn } from './stand-in.ts';

const etc = '/etc/containers/policy.json';
const user = '/home/u/.config/containers/policy.json';
const share = '/usr/share/containers/policy.json';
const d = '/etc/containers/registries.d';
const text = 'b.example.com:5000/team/app:v1';
const accept = [{ type: 'insecureAcceptAnything' }];
const reject = [{ type: 'reject' }];
const signed = [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/mnt/key.gpg' }];
const policy = (ofDocker: object, byDefault: object = accept) =>
  JSON.stringify({ default: byDefault, transports: { docker: ofDocker } }, undefined, 1);
const at = (ofDocker: object, byDefault?: object): Situation => ({
  files: { [etc]: policy(ofDocker, byDefault) },
  text,
});
/** Signatures are wanted, and there is a key. */
const wanted = (files: Record<string, string>): Situation => ({
  files: { [etc]: policy({ '': signed }), '/key.gpg': 'key', ...files },
  text,
});
const lookaside = (url: string) => `{lookaside: "${url}"}`;

const situations: Readonly<Record<string, Situation>> = {
  'the default accepts': at({}),
  'the default rejects': at({}, reject),
  'the name itself': at({ [text]: accept }, reject),
  'the repository': at({ 'b.example.com:5000/team/app': accept }, reject),
  'a namespace': at({ 'b.example.com:5000/team': accept, 'b.example.com:5000': reject }, reject),
  'half a namespace': at({ 'b.example.com:5000/tea': accept }, reject),
  'a host': at({ 'b.example.com:5000': reject }),
  'a host without its port': at({ 'b.example.com': reject }),
  'a wildcard': at({ '*.example.com': accept, '*.com': reject }, reject),
  'a wildcard of the host itself': at({ '*.b.example.com': reject }),
  'every image of the transport': at({ '': reject }),
  'two demands': at({ '': [...accept, ...reject] }),
  'a base layer to be signed': at({
    '': [{ type: 'signedBaseLayer', baseLayerIdentity: { type: 'matchExact' } }],
  }),
  'a key that is not there': at({ '': signed }),
  'no signature': wanted({}),
  'no policy': { files: { [etc]: '' }, text },
  'no JSON': { files: { [etc]: '{"default"' }, text },
  'an empty list': at({ '': [] }),
  'an unknown type': at({ 'quay.io': [{ type: 'unsigned' }] }),
  'a stray member': { files: { [etc]: JSON.stringify({ default: accept, also: {} }) }, text },
  'no default': { files: { [etc]: '{}' }, text },
  'the file of the user': { files: { [etc]: policy({}), [user]: policy({}, reject) }, text },
  'the file of the vendor': { files: { [etc]: policy({}), [share]: policy({}, reject) }, text },
  'signatures by default': wanted({
    [`${d}/a.yaml`]: `default-docker: ${lookaside('https://quay.io/all')}`,
  }),
  'signatures of a namespace': wanted({
    [`${d}/a.yaml`]: `default-docker: ${lookaside('https://quay.io/all')}`,
    [`${d}/b.yaml`]: `docker: {"b.example.com:5000/team": ${lookaside('https://quay.io/team')}}`,
  }),
  'signatures in a folder of the user': wanted({
    '/home/u/.config/containers/registries.d/a.yaml': `default-docker: ${lookaside('https://quay.io/own')}`,
    [`${d}/b.yaml`]: `docker: {"b.example.com:5000": ${lookaside('https://quay.io/etc')}}`,
  }),
  'registries.d that is no YAML': { files: { [`${d}/a.yaml`]: 'docker: [' }, text },
  'registries.d that says it twice': {
    files: { [`${d}/a.yaml`]: 'docker: {quay.io: {}}', [`${d}/b.yaml`]: 'docker: {quay.io: {}}' },
    text,
  },
};

// Much of it is waiting.
describe.each(Object.entries<Program>(copiers))('%s', { concurrent: true }, (_name, program) => {
  for (const [what, situation] of Object.entries(situations)) {
    testWith(
      'skopeo',
      'namespaces',
      program.tool,
    )(what, async () => {
      const host = new Host(situation);
      const standIn = await startStandIn(true);
      try {
        const finding = await findPolicy(text, program.client, host.view);
        const { code, output } = await host.run(program, text, standIn);
        expectAgreement(finding ?? expect.fail('a policy is read'), code, output, standIn.asked);
      } finally {
        standIn.close();
        host.close();
      }
    });
  }
});

function expectAgreement(
  { policy: found, problems }: PolicyFinding,
  code: number,
  output: string,
  asked: readonly string[],
): void {
  const accepts = found?.kind === 'insecureAcceptAnything';
  expect(code === 0, `${output}\n${JSON.stringify([found, problems])}`).toBe(accepts);
  const [fatal] = problems;
  if (fatal !== undefined) expect(output).toContain(fatal.written.in);
  if (found?.kind === 'reject') expect(output).toMatch(/rejected by policy/);
  const looked = asked.filter((line) => line.includes('/signature-'));
  const isLooked = found?.kind === 'signedBy' && found.lookaside !== undefined;
  expect(looked.length > 0, looked.join()).toBe(isLooked);
  if (isLooked) expect(looked[0]).toContain(`${found.lookaside}/team/app@sha256=`);
}
