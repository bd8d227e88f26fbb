// What the exit codes of every verb mean; `--help` and docs/reference/exit-codes.md show this table.

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'everything held'],
  [1, 'something is broken'],
  [2, 'wrong usage or input'],
  [3, 'target unreachable or set-up failed'],
  [4, 'a defect of pullproof'],
  [130, 'interrupted, partial results written'],
];
