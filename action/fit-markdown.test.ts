import { expect, test } from 'vitest';
import { fitMarkdown } from './fit-markdown.ts';

test('what fits is as it was', () => {
  expect(fitMarkdown('# a\n', 4, 'elsewhere')).toBe('# a\n');
});

test.each([2_000, 5_000, 60_000])(
  'what does not is cut at a line, and says so: %i bytes',
  (bytesMax) => {
    const text = `# head\n<details><summary>many</summary>\n\n${'| ä€😀 | row |\n'.repeat(20_000)}\n</details>\n`;
    const cut = fitMarkdown(text, bytesMax, 'see elsewhere');
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytesMax);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(bytesMax / 2);
    expect(cut).toContain('see elsewhere');
    expect(cut.match(/<details>/g)?.length).toBe(cut.match(/<\/details>/g)?.length);
    const lines = cut.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(lines)).toEqual(new Set(['| ä€😀 | row |']));
  },
);

test('a single line that is too long leaves the word alone', () => {
  const cut = fitMarkdown('x'.repeat(10_000), 1_000, 'elsewhere');
  expect(cut).not.toContain('x');
  expect(cut).toContain('elsewhere');
});
