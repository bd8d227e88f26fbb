// Faults of headers that any reply may have, and of the parameter that clients of mirrors send with any
// request.
import { withHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';
import { fieldOf } from '../kit/calls.ts';
import { fail, set } from '../kit/words.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const everywhere = { at: ['manifest', 'upload', 'tags'], statuses: [200, 201, 202] } as const;
const longText = 'x'.repeat(1_500);

export const replyHeaderFaults: readonly Fault[] = [
  {
    id: 'warning-agent',
    title: 'Warning headers name the registry as their agent',
    layer,
    seenIn,
    noticedBy: ['warning-form'],
    on: everywhere,
    change: set('Warning', '299 registry.example.com "this image is old"'),
  },
  {
    id: 'warning-dated',
    title: 'Warning headers end in a date',
    layer,
    seenIn,
    noticedBy: ['warning-form'],
    on: everywhere,
    change: set('Warning', '299 - "this image is old" "Thu, 01 Jan 2026 00:00:00 GMT"'),
  },
  {
    id: 'warning-long',
    title: 'Warning headers have more than 4096 bytes together',
    layer,
    seenIn,
    noticedBy: ['warning-size'],
    on: everywhere,
    change: (reply) => {
      const line = ['Warning', `299 - "${longText}"`] as const;
      return { ...reply, headers: [...reply.headers, line, line, line] };
    },
  },
  {
    id: 'api-version-old',
    title: 'Docker-Distribution-Api-Version says registry/1.0',
    layer,
    seenIn,
    noticedBy: ['api-version'],
    on: everywhere,
    change: set('Docker-Distribution-Api-Version', 'registry/1.0'),
  },
  {
    id: 'ns-refused',
    title: 'Requests with the parameter ns are answered 400',
    layer,
    seenIn,
    noticedBy: ['proxy-ns-manifest', 'proxy-ns-blob'],
    on: {
      at: ['manifest', 'blob'],
      statuses: [200, 302, 307],
      when: (call) => fieldOf(call, 'ns') !== undefined,
    },
    change: fail(400, 'UNSUPPORTED'),
  },
  {
    id: 'ns-untrue',
    title: 'OCI-Namespace names another host than ns did',
    layer,
    seenIn,
    noticedBy: ['proxy-ns-manifest', 'proxy-ns-blob'],
    on: {
      at: ['manifest', 'blob'],
      statuses: [200, 302, 307],
      when: (call) => fieldOf(call, 'ns') !== undefined,
    },
    change: (reply) => withHeader(reply, 'OCI-Namespace', 'registry.example.com'),
  },
];
