// Types of the k6 module that k6/exchange/ compiles in. Only k6 built from this folder has it.
declare module 'k6/x/pullproof' {
  // Type queries, since an ambient module may not import from a relative path.
  type HttpRequest = import('../src/protocol/talk.ts').HttpRequest;
  type HttpReply = import('../src/protocol/talk.ts').HttpReply;
  type SeededContent = import('../src/protocol/talk.ts').SeededContent;

  /**
   * Starts one HTTP request and returns at once. It goes over connections that the virtual user has for this
   * kind of client (`ask.network`; without it, over k6's own). Redirects are
   * not followed; bodies are streamed through the digest in constant memory, unpacked first where the ask
   * says that the client does (`ask.unpacks`), else as they come; nothing is retried (but Go repeats a request
   * whose idle connection the peer had just closed). k6's `http_req_*` metrics come tagged `phase`, `hop`,
   * `host`, `status`, at the edge also `cache` (hit, miss, unknown), and `failure` if there is one.
   *
   * k6's options hold: noConnectionReuse, insecureSkipTLSVerify, rps, hosts, blacklistIPs, dns, tlsAuth.
   * `batchPerHost` (6 by default) is how many of k6's own idle connections a user keeps to a host.
   *
   * `timings.dnsMs` runs from asking for a connection to the start of the dial: the lookup by k6's own
   * resolver with its cache, 0 for IP addresses and reused connections.
   * `headerLines` are sorted by name; lines of the same name keep their order.
   *
   * Lines of a request go out sorted by name, those of `ask.headersLast` among them; but a `Connection` line
   * is left to Go, which writes it at the end for `connections: 'per-request'`.
   *
   * A 206 to a request that `resumes` a reply goes on with its digest; a reply can be resumed once.
   *
   * @param timeoutMs limit for the reply's head, and then for each pause in the body; not for the whole
   * @param done called exactly once, later, on the event loop; the iteration waits for it. What it throws
   *   ends the iteration. The reply is read-only; call `header` on the reply (`reply.header(name)`).
   * @param user requests of different users (0 by default) share no connections: a virtual user may play
   *   several
   * @throws TypeError for a malformed request only; trouble with the network is `reply.failure`
   */
  export function request(
    req: HttpRequest,
    timeoutMs: number,
    done: (reply: HttpReply) => void,
    user?: number,
  ): void;

  /** From now on the requests of this user are those of one pull, which `tellPull` ends. */
  export function beginPull(user: number): void;

  /** The pull of this user is over; a few of all pulls are written to the timeline. `failure` is its class, or ''. */
  export function tellPull(user: number, client: string, image: string, failure: string): void;

  /** Of one user: closes the idle connections of clients that are a new process for each pull (`connections: 'per-pull'`). */
  export function endPull(user?: number): void;

  /**
   * Adds to several metrics of k6 at once, with the virtual user's tags: name, value, name, value and so on.
   * Each must have been declared in the init context (`new Counter(name)`).
   * @throws TypeError for a name that was not
   */
  export function add(...namesAndValues: (string | number)[]): void;

  /** `add` with tags of its own: names and values, empty values are left out. */
  export function addTagged(
    tags: Readonly<Record<string, string>>,
    ...namesAndValues: (string | number)[]
  ): void;

  /** Whether no virtual user of this process asked with this key before; beyond 2,000 keys, false. */
  export function isFirst(key: string): boolean;

  /**
   * Computes the sha256 digest of made-up content beside the event loop; remembered by the whole process.
   * @param done called once, later, on the event loop; the iteration waits for it
   * @throws TypeError for malformed content
   */
  export function seededDigest(content: SeededContent, done: (digest: string) => void): void;

  /** A monotonic clock, milliseconds with fractions; only differences mean something. */
  export function now(): number;
}
