// The admin endpoint: shows and switches faults while the mock serves. JSON over the registry's own
// address, below a path that no registry has. Open to whoever reaches it, so it exists only on demand.
import { UserError } from '../../src/lib/user-error.ts';
import { type Call, emptyReply, errorReply, jsonReply, type Reply } from '../call.ts';
import { readLimits } from './choice.ts';
import type { ActiveFault, FaultEngine } from './engine.ts';
import { faults } from './index.ts';

/** `GET` it for the list; `PUT` and `DELETE` of `/ID` below it switch a fault on and off. */
export const adminPath = '/_pullproof/faults';

const statusByCode: Readonly<Record<string, number>> = {
  'fault-unknown': 404,
  'fault-lasting': 409,
};

/** The answer to a call to the admin path; undefined for all other paths. */
export function answerAdmin(call: Call, engine: FaultEngine): Reply | undefined {
  if (call.path !== adminPath && !call.path.startsWith(`${adminPath}/`)) return undefined;
  const id = call.path.slice(adminPath.length + 1);
  try {
    return id === '' ? answerList(call, engine) : answerOne(call, engine, id);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const message = `${error.message}. ${error.hint}`;
    return errorReply(statusByCode[error.code] ?? 400, 'UNSUPPORTED', message);
  }
}

function answerList(call: Call, engine: FaultEngine): Reply {
  if (call.method !== 'GET' && call.method !== 'HEAD') return notAllowed('GET, HEAD');
  const active = new Map(engine.list().map((one) => [one.fault.id, one]));
  const list = faults.map((fault) => ({
    id: fault.id,
    title: fault.title,
    layer: fault.layer,
    on: active.has(fault.id),
    ...stateOf(active.get(fault.id)),
  }));
  return jsonReply(200, { faults: list });
}

function answerOne(call: Call, engine: FaultEngine, id: string): Reply {
  if (call.method === 'DELETE') {
    return engine.switchOff(id)
      ? emptyReply(204, [])
      : errorReply(404, 'UNSUPPORTED', 'that fault is not switched on');
  }
  if (call.method !== 'PUT') return notAllowed('PUT, DELETE');
  const limits = readLimits(call.body.length === 0 ? {} : parseJson(call.body));
  return jsonReply(200, { id, on: true, ...stateOf(engine.switchOn({ id, limits })) });
}

function stateOf(active: ActiveFault | undefined): object {
  if (active === undefined) return {};
  const { limits, aimed, strikes } = active;
  return { limits, aimed, strikes };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new UserError('fault-limit', 'the body is not JSON', 'Send {} or {"p": 0.02}.');
  }
}

function notAllowed(allow: string): Reply {
  return errorReply(405, 'UNSUPPORTED', `this path knows ${allow}`, [['Allow', allow]]);
}
