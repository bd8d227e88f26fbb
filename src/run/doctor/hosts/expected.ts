// Hosts that the user says a pull may need: `--expect-host HOST` or FILE.

export interface ExpectedHost {
  /** A name, an address, or a pattern as `*.example.com`; lower case. */
  readonly host: string;
  /** Absent: any. */
  readonly port?: number | undefined;
  /** Where it is written: `--expect-host`, or `hosts.txt:3`. */
  readonly written: string;
}
