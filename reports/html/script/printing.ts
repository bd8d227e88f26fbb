// What paper should show. Text of a script: see index.ts.

export const printing = `
  addEventListener('beforeprint', () => {
    for (const details of all('.check.bad, .check.warn')) details.open = true;
  });
`;
