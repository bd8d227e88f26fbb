import { expect, test } from 'vitest';
import { loadSample } from '../test/lib/sample-results.ts';
import { renderHtml } from './html/page.ts';
import { formats } from './index.ts';

test('pulls that never began are told in every view for people', () => {
  const { load } = loadSample;
  const all = { ...load, pulls: { ...load.pulls, dropped: 771 } };
  const none = { ...load, pulls: { ...load.pulls, dropped: 0 } };
  for (const view of [
    formats.text,
    formats.markdown,
    (run: typeof loadSample) => renderHtml([run]),
  ]) {
    expect(view({ ...loadSample, load: all })).toMatch(/771\s+pulls/);
    expect(view({ ...loadSample, load: none })).not.toMatch(/no\s+user\s+free/);
  }
});
