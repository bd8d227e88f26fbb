import { expect, test } from 'vitest';
import { codingWords, edgeWords } from './edge.ts';
import type { HttpReply, HttpRequest } from './talk.ts';

const request = (hop: HttpRequest['hop']) => ({ hop }) as HttpRequest;
const reply = (headers: Record<string, string>) =>
  ({ header: (name: string) => headers[name] }) as HttpReply;

test('an edge is named by what its operator asks for', () => {
  const words = edgeWords(request('edge'), reply({ 'CF-Ray': '7d3a-FRA', Age: '12' }));
  expect(words).toContain('CF-Ray: 7d3a-FRA');
  expect(words).toContain('Age: 12');
});

test('nothing is said of the registry, of silent edges, or at length', () => {
  expect(edgeWords(request('registry'), reply({ 'X-Cache': 'HIT' }))).toBe('');
  expect(edgeWords(request('edge'), reply({}))).toBe('');
  expect(edgeWords(request('edge'), reply({ 'X-Cache': 'x'.repeat(10_000) })).length).toBeLessThan(
    200,
  );
});

test('a reply that came packed is told from one whose bytes are wrong', () => {
  const words = (headers: Record<string, string>, unpacks?: true) =>
    codingWords({ ask: { unpacks } } as HttpRequest, reply(headers));
  expect(words({ 'Content-Encoding': 'gzip' })).toContain('Content-Encoding: gzip');
  expect(words({ 'Content-Encoding': 'gzip' }, true)).toBe('');
  expect(words({ 'Content-Encoding': 'identity' })).toBe('');
  expect(words({})).toBe('');
});
