// Imported first by the library: on a Node that is too old for the rest, this is what its users read.
import { wrongNode } from '../lib/node/needed-node.ts';

const wrong = wrongNode(process.versions.node);
if (wrong !== undefined) throw new Error(wrong);
