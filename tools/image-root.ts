// Puts together the root of the container image in a folder: this Node, the libraries that it has loaded, certificates, and the
// files that programs look for. Run by the Dockerfile, in an image that has nothing of this repository.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { rootCertificates } from 'node:tls';

const [, , root] = process.argv;
if (root === undefined) throw new Error('usage: image-root.ts FOLDER');

/** The user of the image, and the group that any other user of OpenShift is in. */
const [user, group] = [65_532, 0];
const folderMode = { '/work': 0o775, '/tmp': 0o1777 };
const texts = {
  '/etc/passwd': `root:x:0:0:root:/:/\npullproof:x:${user}:${group}:pullproof:/work:/\n`,
  '/etc/group': 'root:x:0:\n',
  '/etc/nsswitch.conf': 'hosts: files dns\n',
  // As containers-common has it: `doctor` plays a client, which takes no image without.
  '/etc/containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}\n',
};
const systemCertificates = '/etc/ssl/certs/ca-certificates.crt';

function place(path: string): string {
  const target = join(root ?? '', path);
  mkdirSync(dirname(target), { recursive: true });
  return target;
}

function copy(path: string, to = path): void {
  copyFileSync(path, place(to));
}

interface Report {
  readonly sharedObjects: readonly string[];
}

/** Paths of what the loader has loaded, itself among it; the kernel's own has none. */
function libraries(): string[] {
  const { sharedObjects } = process.report.getReport() as unknown as Report;
  return sharedObjects.filter((path) => path.startsWith('/') && path !== process.execPath);
}

copy(process.execPath, '/usr/local/bin/node');
for (const path of libraries()) copy(path);
for (const [path, text] of Object.entries(texts)) writeFileSync(place(path), text);
if (existsSync(systemCertificates)) copy(systemCertificates);
else writeFileSync(place(systemCertificates), `${rootCertificates.join('\n')}\n`);
const launcher = place('/usr/local/bin/pullproof');
writeFileSync(
  launcher,
  "#!/usr/local/bin/node\nimport('/opt/pullproof/dist/src/cli/launcher.js');\n",
);
chmodSync(launcher, 0o755);
for (const [path, mode] of Object.entries(folderMode)) {
  mkdirSync(join(root, path), { recursive: true });
  chmodSync(join(root, path), mode);
  chownSync(join(root, path), user, group);
}
