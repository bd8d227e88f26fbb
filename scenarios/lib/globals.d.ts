// Globals of k6's runtime that @types/k6 does not declare.
declare const console: { error(message: string): void };
