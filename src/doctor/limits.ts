// Every limit of an examination, by name. All together keep it below 20 s where nothing answers at all: the pull,
// what its failure leads to, and the probes, each of them side by side.

export interface Limits {
  /** For one answer of a resolver, of each family. */
  readonly lookupMs: number;
  /** For a connection, its handshake included. Clients wait for 30 s, or as long as the system does. */
  readonly connectMs: number;
  /** For all connecting of one pull together, where many endpoints stand in a row. */
  readonly connectAllMs: number;
  /** For the head of a reply, and for each pause in its body. */
  readonly replyMs: number;
  /** The same for what only compares. */
  readonly probeMs: number;
  /** After which a pull has no patience left: what still drips gets but a moment. */
  readonly pullMs: number;
  /** For all blobs of a pull together: of what comes later the beginning is read. */
  readonly blobsMs: number;
  /** Blobs are read whole, and checked by digest, up to so many bytes together; */
  readonly wholeBytes: number;
  /** of larger ones so many are read. */
  readonly firstBytes: number;
  /** Of each family of a host. */
  readonly addresses: number;
  /** Of hosts that are looked at. */
  readonly hosts: number;
  /** Of blobs whose redirects are asked for again, in each repeat. */
  readonly blobsAgain: number;
  /** Of probes, all together. */
  readonly probes: number;
}

export const usualLimits: Limits = {
  lookupMs: 3000,
  connectMs: 5000,
  connectAllMs: 8000,
  replyMs: 10_000,
  probeMs: 4000,
  pullMs: 30_000,
  blobsMs: 12_000,
  wholeBytes: 32 * 1024 * 1024,
  firstBytes: 1024 * 1024,
  addresses: 4,
  hosts: 32,
  blobsAgain: 4,
  probes: 40,
};
