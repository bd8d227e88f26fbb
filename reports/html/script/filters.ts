// Filter buttons over a list, and opening all of it. Text of a script: see index.ts.

export const filters = `
wirings.push((within) => {
  for (const bar of all('[data-filters]', within)) {
    const list = document.getElementById(bar.dataset.filters);
    const status = bar.querySelector('[role=status]');
    const toggle = bar.querySelector('[data-toggle]');
    const show = (chosen) => {
      let shown = 0;
      for (const check of all('[data-group]', list)) {
        check.hidden = chosen !== 'all' && check.dataset.group !== chosen;
        if (!check.hidden) shown += 1;
      }
      for (const group of all('.group', list)) {
        group.hidden = !group.querySelector('[data-group]:not([hidden])');
      }
      for (const button of all('[data-filter]', bar)) {
        button.setAttribute('aria-pressed', String(button.dataset.filter === chosen));
      }
      list.classList.toggle('empty', shown === 0);
      status.textContent = shown + ' shown';
    };
    for (const button of all('[data-filter]', bar)) {
      button.addEventListener('click', () => show(button.dataset.filter));
    }
    toggle.addEventListener('click', () => {
      const visible = all('li:not([hidden]) > .check', list);
      const open = visible.some((details) => !details.open);
      for (const details of visible) details.open = open;
      toggle.textContent = open ? 'Close all' : 'Open all';
    });
  }
});
`;
