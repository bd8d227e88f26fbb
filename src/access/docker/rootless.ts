// Which daemon this user's `docker` talks to: that of the system, or a rootless one of the user's own.
import { asString } from '../../lib/json.ts';
import { readJsonFile } from '../config-file.ts';
import type { HostView } from '../host-view.ts';

const ownSocket = /^unix:\/\/\/run\/user\/\d+\//;

/** By what the socket or the context is called; `docker context use` keeps its choice in the user's config.json. */
export async function isRootless(host: HostView): Promise<boolean> {
  const { DOCKER_HOST, DOCKER_CONTEXT } = host.variables;
  if (host.uid === 0) return false;
  if (DOCKER_HOST) return ownSocket.test(DOCKER_HOST);
  return (DOCKER_CONTEXT || (await contextInUse(host))) === 'rootless';
}

async function contextInUse(host: HostView): Promise<string | undefined> {
  const folder = host.variables.DOCKER_CONFIG || `${host.home}/.docker`;
  const document = await readJsonFile(host, `${folder}/config.json`);
  return document.state === 'read' ? asString(document.value.currentContext) : undefined;
}

/** Where the daemon has daemon.json and certs.d: a rootless one in the user's own folder. */
export async function daemonFolder(host: HostView): Promise<string> {
  if (!(await isRootless(host))) return '/etc/docker';
  return `${host.variables.XDG_CONFIG_HOME || `${host.home}/.config`}/docker`;
}
