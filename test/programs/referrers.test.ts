// What belongs to an image: artifacts with a subject that the real crane pushes, and the list of them that
// the real curl reads, whole and by type of artifact (spec.md, "Listing Referrers").
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { craneOf, type Run } from '../lib/clients.ts';
import { ask, contentOf, servedBy } from '../lib/content.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

const test = testWith('crane', 'curl');
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const sbomType = 'application/spdx+json';
const signatureType = 'application/vnd.example.signature';

describe('referrers', () => {
  let mock: RunningMock;
  let crane: Run;
  const host = () => new URL(mock.registry).host;
  const image = () => `${host()}/demo/single`;

  beforeAll(async () => {
    mock = await startMock({ cdnPlace: 'port' });
    if (hasTools('crane')) crane = await craneOf(mock);
  });
  afterAll(() => mock.close());

  /** Anyone may pull, so anyone may ask. */
  async function list(subject: string, query = '') {
    const scope = 'repository:demo/single:pull';
    const tokens = await curl(`${mock.token}?service=${host()}&scope=${scope}`);
    const bearer = ['--header', `Authorization: Bearer ${JSON.parse(tokens.body).token}`];
    const reply = await curl(
      `${mock.registry}/v2/demo/single/referrers/${subject}${query}`,
      ...bearer,
    );
    return { headers: reply.headers, index: JSON.parse(reply.body) };
  }

  test('crane pushes them and leaves no tag in their place; the list knows them by type', async () => {
    const [subject] = await contentOf(servedBy(mock), 'demo/single', '1.0');
    if (subject === undefined) throw new Error('the image is missing');
    const descriptor = {
      mediaType: manifestType,
      digest: subject.digest,
      size: subject.bytes.length,
    };
    expect((await list(subject.digest)).index.manifests).toEqual([]);
    const pushed = new Map<string, string>();
    for (const artifactType of [sbomType, signatureType]) {
      const layout = writeArtifact(descriptor, artifactType);
      await crane('push', layout, `${image()}:${pushed.size}`);
      pushed.set(artifactType, await crane('digest', `${image()}:${pushed.size}`));
    }
    // Where a registry does not answer with OCI-Subject, crane keeps the list under a tag itself.
    expect((await crane('ls', image())).split('\n')).toEqual(['0', '1', '1.0']);

    const all = await list(subject.digest);
    expect(all.headers).toMatch(/^content-type: application\/vnd\.oci\.image\.index\.v1\+json/im);
    expect(all.headers).not.toMatch(/^oci-filters-applied:/im);
    const types = all.index.manifests.map((entry: { artifactType: string; digest: string }) => [
      entry.artifactType,
      entry.digest,
    ]);
    expect(new Map(types)).toEqual(pushed);

    const some = await list(subject.digest, `?artifactType=${encodeURIComponent(sbomType)}`);
    expect(some.headers).toMatch(/^oci-filters-applied: artifactType/im);
    expect(some.index.manifests).toMatchObject([
      {
        artifactType: sbomType,
        digest: pushed.get(sbomType),
        annotations: { 'org.example': 'e2e' },
      },
    ]);

    await crane('delete', `${image()}@${pushed.get(sbomType)}`);
    expect((await list(subject.digest)).index.manifests).toMatchObject([
      { digest: pushed.get(signatureType) },
    ]);
    const gone = await ask(servedBy(mock), 'demo/single', `manifests/${pushed.get(sbomType)}`);
    expect(gone.status).toBe(404);
  });
});

async function curl(url: string, ...words: string[]): Promise<{ headers: string; body: string }> {
  const run = ['--silent', '--show-error', '--fail-with-body', '--include', ...words, url];
  const { code, output } = await runTool('curl', run);
  expect(code, `curl ${url}: ${output}`).toBe(0);
  const end = output.indexOf('\r\n\r\n');
  return { headers: output.slice(0, end), body: output.slice(end + 4) };
}

/** An OCI layout of one manifest that belongs to `subject`; returns its folder. */
function writeArtifact(subject: object, artifactType: string): string {
  const layout = scratch();
  const blobs = join(layout, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, text: string) => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(blobs, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: text.length };
  };
  const config = put('application/vnd.oci.empty.v1+json', '{}');
  const layers = [put(artifactType, JSON.stringify({ about: artifactType }))];
  const annotations = { 'org.example': 'e2e' };
  const head = { schemaVersion: 2, mediaType: manifestType, artifactType };
  const manifest = { ...head, config, layers, subject, annotations };
  const manifests = [put(manifestType, JSON.stringify(manifest))];
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return layout;
}
