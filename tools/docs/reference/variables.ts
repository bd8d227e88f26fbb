// Variables of the environment and files that pullproof reads or writes; test/pages.test.ts holds the code to the first.

export const variables: Readonly<Record<string, string>> = {
  PULLPROOF_K6: 'path of the k6 that `load` and `demo` use, in place of what they would find',
  PULLPROOF_OFFICIAL_SUITE: 'path of the official suite that `conform --official` runs',
  PULLPROOF_RUNNER: 'set by `--k8s` in its pods: which of the runners this is',
  PULLPROOF_DEBUG: 'with any value, errors of pullproof itself come with their stack',
  XDG_CACHE_HOME: 'where the built k6 and digests of large layers are kept; `~/.cache` otherwise',
  NO_COLOR: 'with any value, no colours',
  FORCE_COLOR:
    'colours, and with `FORCE_HYPERLINK` links, off a terminal too; `FORCE_HYPERLINK=0` turns links off',
  TERM: '`dumb`: nothing is drawn in place',
  HTTPS_PROXY: "proxy for HTTPS, as for Go's clients; `https_proxy` too",
  HTTP_PROXY: 'proxy for plain HTTP',
  NO_PROXY: 'hosts that are asked directly',
  SSL_CERT_FILE: "file of trusted CAs, in place of the system's",
  SSL_CERT_DIR: 'folders of them',
  K6_VUS: 'users, where neither flag nor plan says how load arrives',
  K6_DURATION: 'duration, likewise',
  K6_ITERATIONS: 'pulls in all, likewise',
  K6_OUT: 'an output of k6, beside those of `--k6-out`',
  K6_EXECUTION_SEGMENT: "as `--segment`, in k6's own form",
  K6_EXECUTION_SEGMENT_SEQUENCE: 'as `--segment-sequence`',
  GITHUB_WORKSPACE: 'root from which SARIF and annotations name files',
  CI_PROJECT_DIR: 'the same, on GitLab',
  PRE_COMMIT: 'set by pre-commit: where Node is too old, what to write for a hook',
  GOGC: 'how k6 collects its garbage; chosen by `load` where it is not set',
  GOMEMLIMIT: 'likewise',
};

export const files: Readonly<Record<string, string>> = {
  '.pullproof.yaml':
    'settings of a project, found upwards from the working directory to the top of the checkout ([config](config.md))',
  'pullproof-results/<time>-<verb>/': 'the folder of a run, where `--out` names no other',
  'results.json': 'in it: everything that a run found ([fields](results.md))',
  'report.html': 'the same as one page, which works offline',
  'junit.xml': 'the same for test reports',
  'badge.json, badge.svg': 'one figure, for a README',
  'timeline.ndjson': 'of `load`: counts and histograms, second by second',
  'k6.log': 'of `load`: what k6 said',
  'calibration.json': 'of `load --calibrate`: by how much runs of the same differed',
  '~/.cache/pullproof/': 'built k6, digests of layers that the mock makes up, compiled code',
};
