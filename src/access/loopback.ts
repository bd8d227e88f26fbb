// Names and addresses of this machine, as clients know them without asking anybody.
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Without port, and without the brackets of IPv6. */
export function bareHost(hostAndPort: string): string {
  return hostAndPort.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** `localhost`, 127.0.0.0/8 or ::1, with a port or without; brackets around IPv6. */
export function isLoopbackName(hostAndPort: string): boolean {
  const host = bareHost(hostAndPort);
  const family = isIP(host);
  return (
    host === 'localhost' || (family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4'))
  );
}
