// Follows a run: pieces of the page that changed come as events and are put in where those before stood. Only in the
// page of a run that goes on (../live.ts). Text of a script: see index.ts.

export const live = `
{
  const bar = document.querySelector('[data-live]');
  const retryMs = 2000;
  const labelCharsMax = 60;

  const liveMain = document.getElementById('main');
  const liveChapter = liveMain.firstElementChild;
  const siblings = (from, step) => {
    const found = [];
    for (let one = from[step]; one !== null; one = one[step]) found.push(one);
    return found;
  };
  const isPiece = (one) => one !== bar && one.tagName !== 'SCRIPT' && !one.classList.contains('skip');
  const lastScript = all('body > script').at(-1);
  // Of each group: what is in it now, and before what its end is.
  const groups = {
    head: { parent: document.body, end: liveMain, now: () => siblings(liveMain, 'previousElementSibling').reverse().filter(isPiece) },
    chapter: { parent: liveChapter, end: null, now: () => [...liveChapter.children] },
    rest: { parent: liveMain, end: null, now: () => [...liveMain.children].filter((one) => one !== liveChapter) },
    foot: { parent: document.body, end: lastScript, now: () => siblings(liveMain, 'nextElementSibling').filter(isPiece) },
  };

  const idOf = new WeakMap();
  let pieces = new Map();
  let wanted;
  const first = JSON.parse(bar.dataset.order);
  for (const [name, group] of Object.entries(groups)) {
    group.now().forEach((element, at) => idOf.set(element, first[name][at]));
  }

  // Figures change; the words around them tell which is which.
  const plainText = (text) => text.replace(/[\\d.,]+/g, '').replace(/\\s+/g, ' ').trim().slice(0, labelCharsMax);
  const labelOf = (element) => {
    if (element.id) return '#' + element.id;
    const label = element.tagName === 'DETAILS' ? element.querySelector('summary') : element;
    return element.tagName + ':' + (element.getAttribute('aria-label') ?? plainText(label === null ? '' : label.textContent));
  };
  // By label, those of one label counted.
  const keyed = (elements) => {
    const found = new Map();
    for (const element of elements) {
      const label = labelOf(element);
      let key = label;
      for (let more = 2; found.has(key); more++) key = label + ' ' + more;
      found.set(key, element);
    }
    return found;
  };
  const alike = (selector, old, fresh, carry) => {
    const before = keyed(all(selector, old));
    if (before.size === 0) return;
    for (const [key, element] of keyed(all(selector, fresh))) {
      const was = before.get(key);
      if (was !== undefined) carry(was, element);
    }
  };
  const nameOf = (piece) => {
    if (piece.id) return '#' + piece.id;
    const heading = piece.querySelector('h1, h2, h3, h4');
    return piece.tagName + '.' + piece.className.split(' ')[0] + ':' + (piece.tagName === 'HEADER' || heading === null ? '' : plainText(heading.textContent));
  };

  // What people did to the old one, done to the new one: before it is in the page, and after.
  const carryOpen = (old, fresh) => alike('details', old, fresh, (was, element) => { element.open = was.open; });
  const carryRest = (old, fresh) => {
    alike('input, select, textarea', old, fresh, (was, element) => {
      element.value = was.value;
      if ('checked' in was) element.checked = was.checked;
    });
    alike('th[aria-sort]', old, fresh, (was, element) => {
      const order = was.getAttribute('aria-sort');
      const button = element.querySelector('button');
      for (let presses = 0; button !== null && presses < 2 && element.getAttribute('aria-sort') !== order; presses++) button.click();
    });
  };
  const placesOf = (old) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const sameTag = focused === null ? [] : all(focused.tagName, old);
    const focusKey = focused === null ? undefined : [...keyed(sameTag)].find(([, one]) => one === focused)?.[0];
    const scrolled = all('*', old).filter((one) => one.scrollLeft > 0 || one.scrollTop > 0).map((one) => [all(one.tagName, old).indexOf(one), one.tagName, one.scrollLeft, one.scrollTop]);
    const pointed = all('[data-chart]', old).map((chart) => {
      const cursor = plots.find((one) => one.chart === chart)?.instance.cursor;
      return cursor === undefined || !(cursor.left >= 0) ? undefined : { left: cursor.left, top: cursor.top };
    });
    return (fresh) => {
      if (focusKey !== undefined) keyed(all(focused.tagName, fresh)).get(focusKey)?.focus({ preventScroll: true });
      for (const [at, tagName, left, top] of scrolled) all(tagName, fresh)[at]?.scrollTo({ left, top, behavior: 'instant' });
      all('[data-chart]', fresh).forEach((chart, at) => {
        if (pointed[at] !== undefined) plots.find((one) => one.chart === chart)?.instance.setCursor(pointed[at]);
      });
    };
  };

  // What somebody is marking, to copy it, stays until that is done.
  const isHeld = (piece) => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(piece, true);
  };
  const made = (source) => {
    const template = document.createElement('template');
    template.innerHTML = source;
    return template.content.firstElementChild;
  };

  let isBehind = false;
  const put = (group, order) => {
    const pool = new Map();
    const now = group.now();
    for (const element of now) {
      const id = idOf.get(element);
      pool.set(id, [...(pool.get(id) ?? []), element]);
    }
    const kept = order.map((id) => pool.get(id)?.shift());
    const gone = keyedPieces(now.filter((one) => !kept.includes(one)));
    const target = order.flatMap((id, at) => {
      if (kept[at] !== undefined) return [kept[at]];
      const fresh = made(pieces.get(id) ?? '');
      if (fresh === null) return [];
      const name = nameOf(fresh);
      const [old] = gone.get(name)?.splice(0, 1) ?? [];
      if (old === undefined) return [enter(fresh, id)];
      if (isHeld(old)) {
        isBehind = true;
        return [old];
      }
      return [replace(old, fresh, id)];
    });
    for (const one of [...gone.values()].flat()) one.remove();
    let next = group.end;
    for (const one of target.toReversed()) {
      if (one.parentNode !== group.parent || one.nextElementSibling !== next) group.parent.insertBefore(one, next);
      next = one;
    }
    for (const one of target) if (unwired.delete(one)) wire(one);
    for (const [one, done] of after.splice(0)) done(one);
  };
  const keyedPieces = (elements) => {
    const found = new Map();
    for (const one of elements) found.set(nameOf(one), [...(found.get(nameOf(one)) ?? []), one]);
    return found;
  };
  const unwired = new Set();
  const after = [];
  const enter = (fresh, id) => {
    idOf.set(fresh, id);
    unwired.add(fresh);
    return fresh;
  };
  const replace = (old, fresh, id) => {
    const settle = placesOf(old);
    carryOpen(old, fresh);
    old.replaceWith(fresh);
    after.push([fresh, () => {
      carryRest(old, fresh);
      settle(fresh);
    }]);
    return enter(fresh, id);
  };

  // The piece that is read stays where it is, whatever grows above it.
  const follow = () => {
    if (wanted === undefined) return;
    isBehind = false;
    const seen = scrollY > 0 ? Object.values(groups).flatMap((group) => group.now()).find((one) => one.getBoundingClientRect().bottom > 0) : undefined;
    const name = seen && nameOf(seen);
    const top = seen && seen.getBoundingClientRect().top;
    for (const [group, order] of Object.entries(wanted)) put(groups[group], order);
    if (seen !== undefined) {
      const same = seen.isConnected ? seen : Object.values(groups).flatMap((group) => group.now()).find((one) => nameOf(one) === name);
      if (same !== undefined) scrollBy({ top: same.getBoundingClientRect().top - top, behavior: 'instant' });
    }
    wire(document.createElement('div'));
    if (typeof form !== 'undefined' && form && current !== '') show(current);
  };
  document.addEventListener('selectionchange', () => {
    if (isBehind && getSelection().isCollapsed) follow();
  });

  const status = bar.querySelector('[role=status]');
  const second = bar.querySelector('[data-second]');
  const dot = bar.querySelector('.dot');
  const say = (word, rest, tone) => {
    if (status.textContent !== word) status.textContent = word;
    second.textContent = rest;
    dot.className = 'dot ' + tone;
  };

  const take = (event) => {
    const told = JSON.parse(event.data);
    wanted = told.order;
    const names = new Set(Object.values(wanted).flat());
    for (const [id, source] of Object.entries(told.pieces)) pieces.set(id, source);
    pieces = new Map([...pieces].filter(([id]) => names.has(id)));
    document.title = told.title;
    document.querySelector('link[rel=icon]').href = told.icon;
    follow();
    return told;
  };

  const connect = () => {
    const source = new EventSource('events');
    source.addEventListener('pieces', (event) => {
      const { second: at } = take(event);
      say('live', ', second ' + at, 'idle');
    });
    source.addEventListener('report', (event) => {
      source.close();
      const { where, tone } = take(event);
      say('ended', ': this page is the report now, as in ' + where, tone);
    });
    source.addEventListener('failure', (event) => {
      source.close();
      say('ended without a report', ': ' + JSON.parse(event.data).message, 'bad');
    });
    source.addEventListener('error', () => {
      say('connection lost', ', retrying', 'warn');
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
    });
  };
  connect();
}
`;
