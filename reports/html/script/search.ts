// The search over everything that is marked as an item, with filter buttons as a way to write it; what is asked stands in
// the hash of the address, so that links, back and forward have it. Text of a script: see index.ts.

export const search = `
  // Those of the page as it is: a live page puts in others.
  let form = null;
  let input = null;
  const keysOf = (item) => Object.entries(item.dataset).filter(([name]) => name.startsWith('key'));
  // Collected when first asked for, and again after something was put into the page.
  let items = [];
  let keyNames = new Set();
  let isCollected = false;
  const collect = () => {
    buildAll();
    if (isCollected) return;
    isCollected = true;
    items = all('[data-item]');
    keyNames = new Set(items.flatMap((item) => keysOf(item).map(([name]) => name.slice(3).toLowerCase())));
  };
  const texts = new WeakMap();
  const isKey = (name) => keyNames.has(name);
  const namesOf = (item, key) =>
    (item.dataset['key' + key[0].toUpperCase() + key.slice(1)] ?? '').toLowerCase().split('|');
  const wordsOf = (item) => {
    const known = texts.get(item);
    if (known !== undefined) return known;
    const parts = all('[data-text]', item);
    const shown = (parts.length > 0 ? parts : [item]).map((part) => part.textContent);
    const text = [...shown, ...keysOf(item).map(([, value]) => value)].join(' ').toLowerCase().replace(/\\s+/g, ' ');
    texts.set(item, text);
    return text;
  };

  const asked = () => {
    const [, written] = /^#q=(.*)$/.exec(location.hash) ?? [];
    if (written === undefined) return '';
    try {
      return decodeURIComponent(written.replaceAll('+', ' ')).slice(0, queryCharsMax);
    } catch {
      return written.slice(0, queryCharsMax);
    }
  };
  const hashOf = (text) =>
    text === '' ? '' : '#q=' + encodeURIComponent(text.replace(/\\p{Cs}/gu, '')).replaceAll('%20', '+').replaceAll('%3A', ':');

  let current = '';
  const show = (text) => {
    current = text.trim();
    if (current !== '' || isCollected) collect();
    const terms = parseQuery(current, isKey);
    const isSearch = terms.length > 0;
    root.classList.toggle('searching', isSearch);
    let shown = 0;
    for (const item of items) {
      const isHit = !isSearch || matchesQuery(terms, (key) => namesOf(item, key), () => wordsOf(item));
      item.hidden = !isHit;
      if (isHit) shown += 1;
    }
    const hasHit = (part) => part.querySelector('[data-item]:not([hidden])') !== null;
    for (const group of all('.group')) {
      group.hidden = isSearch && !hasHit(group);
      if (group.tagName !== 'DETAILS') continue;
      if (isSearch && group.dataset.was === undefined) group.dataset.was = String(group.open);
      if (isSearch) group.open = !group.hidden;
      else if (group.dataset.was !== undefined) {
        group.open = group.dataset.was === 'true';
        delete group.dataset.was;
      }
    }
    for (const chapter of all('main > .chapter')) chapter.hidden = isSearch && !hasHit(chapter);
    const status = form.querySelector('[role=status]');
    status.textContent = !isSearch ? '' : shown === 0 ? 'Nothing of ' + items.length + ' matches' : shown + ' of ' + items.length + ' match';
    for (const button of all('[data-clear], [data-share]', form)) button.hidden = !isSearch;
    const verdicts = terms.filter(({ not, key }) => !not && key === 'verdict');
    for (const button of all('[data-filter]')) {
      const { filter } = button.dataset;
      const isOn = filter === '' ? verdicts.length === 0 : verdicts.some(({ value }) => value === filter);
      button.setAttribute('aria-pressed', String(isOn));
    }
    for (const link of all('a[href^="#q="]')) {
      if (isSearch && link.getAttribute('href') === hashOf(current)) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };

  // A step that Back undoes, unless it only goes on with what was being written.
  const go = (text, isStep) => {
    const hash = hashOf(text.trim());
    const url = hash === '' ? location.pathname + location.search : hash;
    if (isStep) history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    show(text);
  };

  const reach = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id === '') return;
    if (document.getElementById(id) === null) buildAll();
    const target = document.getElementById(id);
    if (target === null) return;
    if (target.closest('[hidden], [data-rest]') !== null && current !== '') show('');
    for (let fold = target.closest('details'); fold !== null; fold = fold.parentElement.closest('details')) fold.open = true;
    const own = target.querySelector(':scope > details');
    if (own !== null) own.open = true;
    target.scrollIntoView();
  };
  const arrive = () => {
    const text = asked();
    if (input.value.trim() !== text) input.value = text;
    if (text !== current) show(text);
    if (text !== '') document.getElementById('main').scrollIntoView();
    else if (location.hash !== '') {
      try { reach(); } catch { /* no such place */ }
    }
  };

  let isWriting = false;
wirings.push((within) => {
  const found = within.querySelector('[data-search]');
  if (found === null) return;
  form = found;
  input = form.querySelector('input');
  form.addEventListener('submit', (event) => event.preventDefault());
  input.addEventListener('input', () => {
    go(input.value, !isWriting);
    isWriting = true;
  });
  input.addEventListener('change', () => { isWriting = false; });
  form.querySelector('[data-clear]').addEventListener('click', () => {
    input.value = '';
    go('', true);
    input.focus();
  });
  form.querySelector('[data-share]').addEventListener('click', async ({ currentTarget: button }) => {
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Copy it from the address bar';
    }
    setTimeout(() => { button.textContent = 'Copy link'; }, 2000);
  });
});

wirings.push((within) => {
  if (!form || (within !== document && within.querySelector('[data-item]') === null)) return;
  isCollected = false;
  for (const bar of all('[data-filters]', within)) {
    for (const button of all('[data-filter]', bar)) {
      button.addEventListener('click', () => {
        const kept = current.replace(/(^|\\s)verdict:(?:"[^"]*"?|\\S*)/gi, ' ').trim();
        const { filter } = button.dataset;
        const term = filter === '' ? '' : 'verdict:' + filter;
        input.value = [kept, term].filter(Boolean).join(' ');
        go(input.value, true);
      });
    }
  }
  for (const toggle of all('[data-toggle]', within)) {
    toggle.addEventListener('click', () => {
      buildAll();
      const list = document.getElementById(toggle.dataset.toggle);
      const visible = all('li:not([hidden]) > .check', list);
      const groups = all('details.group:not([hidden])', list);
      const open = [...visible, ...groups].some((details) => !details.open);
      for (const details of visible) {
        // So many at once: their evidence stays folded.
        if (open && !details.open) details.dataset.bulk = '';
        details.open = open;
      }
      for (const group of groups) group.open = open || current !== '';
      toggle.textContent = open ? 'Close all' : 'Open all';
    });
  }
});

  addEventListener('keydown', (event) => {
    if (form === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const isField = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]') !== null;
    if (event.key === '/' && !isField) {
      event.preventDefault();
      input.focus();
      input.select();
    }
    if (event.key === 'Escape' && (current !== '' || event.target === input)) {
      event.preventDefault();
      if (input.value === '') input.blur();
      input.value = '';
      isWriting = false;
      if (current !== '') go('', true);
    }
  });
  addEventListener('hashchange', () => form && arrive());
  addEventListener('popstate', () => form && arrive());
`;
