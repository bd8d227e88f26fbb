// Unpacks the evidence of checks when it is opened, and builds it as reports/html/exchange.ts does: by text alone, never as
// markup. Text of a script: see index.ts.

export const evidence = `
  const pieces = new Map();
  const unpack = (id) => {
    if (!pieces.has(id)) {
      const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (char) => char.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
      pieces.set(id, new Response(stream).text().then(JSON.parse));
    }
    return pieces.get(id);
  };

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className !== '') made.className = className;
    made.append(...content);
    return made;
  };
  const messageNode = (start, headers) => {
    const lines = headers.flatMap(([name, value]) => ['\\n', element('b', '', name + ':'), ' ' + value]);
    return element('pre', '', start, ...lines);
  };
  const side = (title, start, headers, body, digest) => {
    const more = [];
    if (body !== '') more.push(element('pre', 'content', body));
    if (digest !== '') more.push(element('p', 'muted', 'Digest of the body: ', element('code', '', digest)));
    return element('div', '', element('h5', '', title), messageNode(start, headers), ...more);
  };
  const exchangeNode = ([method, url, status, tone, said, sent, sentBody, line, headers, body, digest, curl]) => {
    const copy = element('button', 'quiet', 'Copy');
    copy.type = 'button';
    copy.dataset.copy = '';
    const summary = element('summary', '',
      element('b', '', method), ' ', element('span', 'url', url), ' ',
      element('span', 'status ' + tone, status), ' ', element('span', 'muted', said));
    return element('details', 'exchange', summary,
      element('div', 'sides', side('Request', method + ' ' + url, sent, sentBody, ''), side('Reply', line, headers, body, digest)),
      element('h5', '', 'Repeat it'),
      element('div', 'curl', element('pre', '', curl), copy));
  };

  // Puts the evidence of a check where its place is, once. A fold keeps it inside; a line gives way to it.
  const unfold = (place, list) => {
    if (place.dataset.done !== undefined) return;
    place.dataset.done = '';
    const shown = element('ol', 'exchanges', ...list.map((one) => element('li', '', exchangeNode(one))));
    const line = place.querySelector('.unpacked');
    if (line !== null) line.replaceWith(shown);
    else {
      place.textContent = place.textContent.split(':')[0];
      place.after(shown);
    }
    if (list.length === 1) shown.querySelector('details').open = true;
    wire(shown);
  };
  const unfoldLater = async (place) => {
    const [id, at] = place.dataset.evidence.split(' ');
    try {
      unfold(place, (await unpack(id))[Number(at)]);
    } catch {
      (place.querySelector('.unpacked') ?? place).textContent = 'This browser cannot unpack the evidence; results.json has it.';
    }
  };
  // Does not bubble, so it is caught on its way down: parts that are put in later are no exception.
  document.addEventListener('toggle', ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    if (target.dataset.evidence !== undefined) unfoldLater(target);
    else if (target.dataset.bulk !== undefined) delete target.dataset.bulk;
    else if (target.matches('.check')) {
      for (const place of all('[data-evidence]', target)) {
        if (place instanceof HTMLDetailsElement) place.open = true;
        else unfoldLater(place);
      }
    }
  }, true);
`;
