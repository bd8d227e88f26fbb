// What the search can be asked: words, -without, "phrases" and key:value. Text of a script: see index.ts.

export const query = `
  const queryCharsMax = 500;
  const queryTermsMax = 40;

  // A list of terms: key is '' for words. 'exact' is of values in quotes. A key that nothing on the page has makes a word.
  const parseQuery = (text, isKey) => {
    const terms = [];
    const pattern = /(-?)(?:([a-z]{1,20}):)?(?:"([^"]*)(?:"|$)|([^\\s"][^\\s]*))/g;
    for (const [, minus, name = '', quoted, plain] of text.slice(0, queryCharsMax).toLowerCase().matchAll(pattern)) {
      if (terms.length === queryTermsMax) break;
      const isKnown = name !== '' && isKey(name);
      const said = quoted ?? plain ?? '';
      const value = isKnown || name === '' ? said : name + ':' + said;
      // Somebody is still writing.
      const isBegun = value === '' || value === '-' || (value.endsWith(':') && isKey(value.slice(0, -1)));
      if (isBegun) continue;
      terms.push({ not: minus === '-', key: isKnown ? name : '', value, exact: isKnown && quoted !== undefined });
    }
    return terms;
  };

  // 'names' gives what an item has under a key, a list in lower case; 'words' its whole text.
  const matchesQuery = (terms, names, words) => {
    const either = new Map();
    for (const { not, key, value, exact } of terms) {
      const holds = key === ''
        ? words().includes(value)
        : names(key).some((name) => exact ? name === value : name.includes(value));
      if (not) {
        if (holds) return false;
      } else if (key === '') {
        if (!holds) return false;
      } else {
        either.set(key, either.get(key) === true || holds);
      }
    }
    return [...either.values()].every((holds) => holds);
  };
`;
