// The verbs of the command line: what each is for, and where it is loaded from.
import type { Verbs } from './verb.ts';

export const verbs: Verbs = {
  validate: {
    summary: 'judge manifests, indexes and configs: which rule, which line',
    load: async () => (await import('./validate.ts')).validate,
  },
  conform: {
    summary: 'check a registry against the spec and what clients rely on, with evidence',
    load: async () => (await import('./conform.ts')).conform,
  },
  load: {
    summary: 'pull images as real clients do, at the concurrency of a fleet (k6)',
    load: async () => (await import('./load.ts')).load,
  },
  doctor: {
    summary: 'why a pull fails here, and which hosts to let through',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  mock: {
    summary: 'serve a registry, token server and CDN that can be wrong in one named way',
    load: async () => (await import('./mock.ts')).mock,
  },
  report: {
    summary: 'render the results of earlier runs again, as a page or in another format',
    load: async () => (await import('./report.ts')).report,
  },
  init: {
    summary: 'write settings, a plan of load and a workflow for CI to begin with',
    load: async () => (await import('./init.ts')).init,
  },
  env: {
    summary: 'versions, k6, caches and clients of this machine, for a bug report',
    load: async () => (await import('./env.ts')).env,
  },
  complete: {
    summary: 'print the script that completes words of pullproof in a shell',
    load: async () => (await import('./complete.ts')).complete,
  },
  list: {
    summary: 'list checks, faults, profiles, rules or kinds',
    load: async () => (await import('./list.ts')).list,
  },
  explain: {
    summary: 'what a rule, check or fault is about; how an image resolves on this host',
    load: async () => (await import('./explain.ts')).explain,
  },
  demo: {
    summary: 'validate, conform and load against the mock, ending in one HTML report',
    load: async () => (await import('./demo.ts')).demo,
  },
};
