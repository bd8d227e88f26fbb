// The two calls of the Container Runtime Interface by which kubelet has images pulled and removed: gRPC over
// a Unix socket, with just the fields of runtime.v1 that they need.
import { type IncomingHttpHeaders, connect as openSession } from 'node:http2';
import { connect } from 'node:net';
import type { Credentials } from '../../src/protocol/client.ts';

/** Numbers of fields in the messages PullImageRequest, RemoveImageRequest, ImageSpec and AuthConfig. */
const imageField = 1;
const authField = 2;
const nameField = 1;
const usernameField = 1;
const passwordField = 2;
/** The wire type of strings and messages. */
const lengthDelimited = 2;
/** Before each message: whether it is compressed, and its length. */
const prefixBytes = 5;

/** @throws Error with what the runtime said */
export function pullImage(socket: string, image: string, who?: Credentials): Promise<void> {
  const auth =
    who === undefined
      ? []
      : [field(authField, field(usernameField, who.username), field(passwordField, who.password))];
  return call(
    socket,
    'ImageService/PullImage',
    field(imageField, field(nameField, image)),
    ...auth,
  );
}

/** @throws Error with what the runtime said */
export function removeImage(socket: string, image: string): Promise<void> {
  return call(socket, 'ImageService/RemoveImage', field(imageField, field(nameField, image)));
}

/** Whether the runtime answers. */
export function isServing(socket: string): Promise<boolean> {
  return call(socket, 'RuntimeService/Version').then(
    () => true,
    () => false,
  );
}

function call(socket: string, method: string, ...fields: Buffer[]): Promise<void> {
  const message = Buffer.concat(fields);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return new Promise((resolve, reject) => {
    const session = openSession('http://localhost', { createConnection: () => connect(socket) });
    const request = session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status = '';
    let said = '';
    // A call without a reply has its status in the headers, any other in the trailers.
    const read = (headers: IncomingHttpHeaders) => {
      status = String(headers['grpc-status'] ?? status);
      said = String(headers['grpc-message'] ?? said);
    };
    request.on('response', read).on('trailers', read).resume();
    request.once('close', () => {
      session.close();
      if (status === '0') resolve();
      else reject(new Error(`${method}: ${said || `gRPC status ${status || 'missing'}`}`));
    });
    request.once('error', reject);
    session.once('error', reject);
    request.end(Buffer.concat([prefix, message]));
  });
}

/** A field with a string, or with a message of these fields. */
function field(number: number, ...values: (string | Buffer)[]): Buffer {
  const value = Buffer.concat(values.map((part) => Buffer.from(part)));
  return Buffer.concat([varint((number << 3) | lengthDelimited), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
