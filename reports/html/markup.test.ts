import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, html, trusted } from './markup.ts';

test('what is put into a template is escaped, unless it is HTML already', () => {
  const inner = html`<i>${'<&>'}</i>`;
  expect(html`<p title="${`"'`}">${inner}${['a', 1, inner]}${false}${undefined}</p>`.source).toBe(
    '<p title="&quot;&#39;"><i>&lt;&amp;&gt;</i>a1<i>&lt;&amp;&gt;</i></p>',
  );
  expect(html`${trusted('<b>')}`.source).toBe('<b>');
});

test('no text keeps a character that HTML acts upon', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text).replace(/[\n\t]/g, '')).not.toMatch(
        /[<>"'`\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|&(?!(?:amp|lt|gt|quot|#39|#96);)/u,
      );
    }),
  );
});
