// Which samples there are: the runs that make each, and what of them is kept.

export const samplesFolder = 'docs/samples';

export interface Sample {
  /** Name of its files, and what it shows. */
  readonly name: string;
  readonly title: string;
  /** Flags of the mock that all its runs have in common; absent: none is needed. */
  readonly mock?: readonly string[];
  /** `IMAGE` stands for an image of the mock; `mockWords`: a mock of this run alone. */
  readonly runs: readonly {
    readonly words: readonly string[];
    readonly mockWords?: readonly string[];
    /** The pages of the runs before it are removed: it would lead to what is not kept. */
    readonly pagesGo?: true;
  }[];
  /** File of a run → file in docs/samples/. */
  readonly files: Readonly<Record<string, string>>;
}

const seeded = ['--seed', '1', '-q'];
const load = ['load', 'IMAGE', ...seeded];
/** Users that wait for their pulls: nothing is dropped on a busy machine, which would refuse the comparison. */
const steady = ['--vus', '3', '--duration', '15s'];

export const samples: readonly Sample[] = [
  {
    name: 'validate',
    title: 'Documents with mistakes: which rule, which line, what to write',
    runs: [{ words: ['validate', 'manifest.json', 'index.json', '--out', 'validate', ...seeded] }],
    files: {
      'validate/report.html': 'validate.html',
      'validate/junit.xml': 'validate.junit.xml',
      'validate/results.json': 'validate.json',
    },
  },
  {
    name: 'conform',
    title: 'A registry that ignores ranges, invents error codes and names wrong digests',
    mock: [
      ...['--fault', 'range-ignored', '--fault', 'error-code-invented'],
      ...['--fault', 'manifest-get-other-digest', '--fault', 'blob-no-digest'],
    ],
    runs: [
      {
        words: [
          ...['conform', 'IMAGE', '--only', 'manifest-*', '--only', 'range-*', '--only', 'blob-*'],
          ...['--only', 'error-*', '--out', 'conform', ...seeded],
        ],
      },
    ],
    files: { 'conform/report.html': 'conform.html', 'conform/junit.xml': 'conform.junit.xml' },
  },
  {
    name: 'load',
    title: 'Pulls at a rate, with objectives, from a registry and a CDN that falters',
    mock: ['--fault', 'edge-falters', '--latency', 'registry=4ms±2ms,edge=20ms±10ms'],
    runs: [
      {
        words: [
          ...[...load, '--rate', '20/s', '--vus', '10', '--duration', '20s'],
          ...['--slo', 'pull.p95<400ms', '--slo', 'errors<1%', '--out', 'load'],
        ],
      },
    ],
    files: { 'load/report.html': 'load.html', 'load/junit.xml': 'load.junit.xml' },
  },
  {
    name: 'compare',
    title: 'Two load runs, the second of a CDN that became slower',
    runs: [
      {
        mockWords: ['--latency', 'registry=4ms±2ms,edge=20ms±5ms'],
        words: [...load, ...steady, '--out', 'before'],
      },
      {
        mockWords: ['--latency', 'registry=4ms±2ms,edge=80ms±5ms'],
        words: [...load, ...steady, '--out', 'after'],
      },
      { words: ['report', 'compare', 'before', 'after', '--html', 'compare.html', '-q'] },
    ],
    files: { 'compare.html': 'compare.html' },
  },
  {
    name: 'trend',
    title: 'Ten load runs one after the other, the last five of a CDN that became slower',
    runs: [
      ...Array.from({ length: 10 }, (_, at) => ({
        mockWords: ['--latency', `registry=4ms±1ms,edge=${at < 5 ? 30 : 200}ms±5ms`],
        words: [...load, '--vus', '2', '--duration', '5s', '--out', `nightly/run-${at}`],
      })),
      { words: ['report', 'trend', 'nightly', '--html', 'trend.html', '-q'], pagesGo: true },
    ],
    files: { 'trend.html': 'trend.html' },
  },
  {
    name: 'doctor',
    title: 'Why a pull fails here, and which hosts to let through',
    mock: ['--fault', 'blob-reply-flipped'],
    runs: [{ words: ['doctor', 'IMAGE', '--out', 'doctor', ...seeded] }],
    files: { 'doctor/report.html': 'doctor.html', 'doctor/junit.xml': 'doctor.junit.xml' },
  },
  {
    name: 'demo',
    title: 'All of it in one page, against the sound mock',
    runs: [
      { words: ['demo', '--vus', '4', '--duration', '5s', '--out', 'demo', ...seeded] },
      { words: ['report', 'demo', '--html', 'demo.html'] },
    ],
    files: { 'demo.html': 'demo.html' },
  },
];

/** Of which pages: name, colour scheme. */
export const pictures: readonly { readonly of: string; readonly scheme: 'light' | 'dark' }[] = [
  { of: 'load', scheme: 'light' },
  { of: 'load', scheme: 'dark' },
  { of: 'conform', scheme: 'light' },
];
