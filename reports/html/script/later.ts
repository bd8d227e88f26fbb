// Folded lists that a long page keeps as text: as elements they would be most of what a browser has to do before it
// shows the page. They stand in `noscript`, so that readers without script have them at once. Built when opened, searched
// or linked to, and all of them once the page stands, for the search of the browser. Text of a script: see index.ts.

export const later = `
  const builtAtOnceChars = 100000;
  const laterOf = (within = document) => all('noscript[data-later]', within);
  const build = (holder) => {
    const group = holder.parentElement;
    // A part of a live page was read where there is no script, and has elements in it.
    if (holder.firstElementChild !== null) holder.replaceWith(...holder.childNodes);
    else {
      const made = document.createElement('template');
      // Escaped by the page as all the rest of it.
      made.innerHTML = holder.textContent;
      holder.replaceWith(made.content);
    }
    return group;
  };
  const buildAll = () => { for (const holder of laterOf()) wire(build(holder)); };
  const whenIdle = (then) => {
    if (globalThis.requestIdleCallback) requestIdleCallback(then, { timeout: 500 });
    else setTimeout(() => then({ timeRemaining: () => 1 }), 50);
  };
  // Some of the work at a time, while the browser has nothing else to do; it answers whether there is more.
  const inPassing = (work) => whenIdle((idle) => { if (work(idle)) inPassing(work); });
  const onceShown = (work) => {
    if (document.readyState === 'complete') inPassing(work);
    else addEventListener('load', () => inPassing(work));
  };
  const buildSome = (idle) => {
    const waiting = laterOf();
    do {
      const holder = waiting.shift();
      if (holder !== undefined) wire(build(holder));
    } while (waiting.length > 0 && idle.timeRemaining() > 5);
    return waiting.length > 0;
  };
  document.addEventListener('toggle', ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open) for (const holder of laterOf(target)) wire(build(holder));
  }, true);
wirings.push((within) => {
  const waiting = laterOf(within);
  const chars = waiting.reduce((sum, holder) => sum + holder.textContent.length, 0);
  // What is built here is wired after this, with all of \`within\`.
  if (chars <= builtAtOnceChars) waiting.forEach(build);
  else onceShown(buildSome);
});
`;
