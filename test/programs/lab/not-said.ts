// Where `doctor` does not say what a client prints: nothing, or what it would say today. By situation.
import type { LabClient } from './clients.ts';

export const notSaid: Readonly<Record<string, readonly LabClient[]>> = {};
