// node:crypto, loaded when something is hashed or verified for the first time: an import of it costs a start as
// much as all of our code.
export function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
