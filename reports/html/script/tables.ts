// Tables that can be put in order by their headings. Text of a script: see index.ts.

export const tables = `
  let inOrder;
  const sortValue = (row, at, isNumber) => {
    const cell = row.cells[at];
    const value = cell === undefined ? '' : cell.dataset.value ?? cell.textContent.trim();
    if (!isNumber) return value;
    const number = value === '' ? NaN : Number(value);
    return Number.isFinite(number) ? number : undefined;
  };
  const sortTable = (body, at, isNumber, isFalling) => {
    inOrder ??= new Intl.Collator('en', { numeric: true });
    const sign = isFalling ? -1 : 1;
    const rows = [...body.rows].map((row) => ({ row, value: sortValue(row, at, isNumber) }));
    rows.sort((a, b) => {
      // What has no value is last, whichever way.
      if (a.value === undefined || b.value === undefined) return (a.value === undefined) - (b.value === undefined);
      return sign * (isNumber ? a.value - b.value : inOrder.compare(a.value, b.value));
    });
    body.append(...rows.map(({ row }) => row));
  };
wirings.push((within) => {
  for (const head of all('th[data-sort]', within)) {
    if (head.querySelector('button') !== null) continue;
    const isNumber = head.dataset.sort === 'number';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute('aria-sort', 'none');
    button.addEventListener('click', () => {
      // Of figures one looks for the largest first.
      const before = head.getAttribute('aria-sort');
      const isFalling = before === 'none' ? isNumber : before === 'ascending';
      for (const other of all('th[data-sort]', head.parentElement)) other.setAttribute('aria-sort', 'none');
      head.setAttribute('aria-sort', isFalling ? 'descending' : 'ascending');
      sortTable(head.closest('table').tBodies[0], head.cellIndex, isNumber, isFalling);
    });
  }
});
`;
