import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestScreen } from '../../test/lib/screen.ts';
import { UserError } from '../lib/user-error.ts';
import { printError, Terminal } from './terminal.ts';

// Other files share this worker.
afterAll(() => {
  vi.restoreAllMocks();
});

let written = '';
vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
  written += chunk;
  return true;
});

const tty = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
beforeEach(() => void vi.stubEnv('TERM', 'xterm'));
afterEach(() => {
  written = '';
  Object.defineProperty(process.stderr, 'isTTY', tty ?? { value: undefined, configurable: true });
  vi.unstubAllEnvs();
});

function terminalOf(isTTY: boolean, quiet = false): Terminal {
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
  return new Terminal(quiet, Date.now());
}

const hostile = [
  '\u001b[2J\u001b[1;1H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil\u0007link\u001b]8;;\u0007',
  '\r\b\u007f\u0000\u009b31m',
  '\u202egnp.exe\u2066\u200b\ufeff',
  '\u2028\u2029',
].join('x');
/** Characters that act instead of being shown, besides tabs and line feeds. */
const steering = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test('what steers a terminal is taken out of words', () => {
  terminalOf(false).say(`before ${hostile} after\tand\nmore`);
  expect(written).not.toMatch(steering);
  expect(written).toMatch(/^before .* after\tand\nmore\n$/s);
});

test('what steers a terminal is taken out of errors and hints', () => {
  printError(new UserError('slug', `message ${hostile}`, `hint ${hostile}`));
  printError(new Error(`defect ${hostile}`));
  printError(hostile);
  expect(written).not.toMatch(steering);
});

test('a live line stays on one line, within the width, below what is said', () => {
  const screen = new TestScreen(process.stderr.columns || 80);
  const terminal = terminalOf(true);
  terminal.live(`one\ntwo ${'x'.repeat(5000)} ${hostile}`);
  screen.write(written);
  expect(screen.lines()).toHaveLength(1);
  expect(screen.lines()[0]).toMatch(/^one two x+/);
  written = '';
  terminal.say('done');
  terminal.clear();
  screen.write(written);
  expect(screen.lines()).toEqual(['done']);
});

test('an error takes the place of what was live', () => {
  const screen = new TestScreen(80);
  const terminal = terminalOf(true);
  terminal.live({ title: 'title', rows: [{ label: 'pulls', text: 'none' }], line: 'line' });
  printError(new UserError('slug', 'message', 'hint'));
  screen.write(written);
  expect(screen.lines()).toEqual(['error: message', '  hint: hint']);
});

test('on a pipe nothing is live, and slow work says a word now and then', () => {
  const terminal = terminalOf(false);
  terminal.live('live');
  expect(written).toBe('');
  for (let i = 0; i < 100; i++) terminal.work(`working ${i}`);
  expect(written).toBe('working 0\n');
});

test('on a pipe a tick is told every 10 s, whatever else is said', () => {
  vi.useFakeTimers();
  const terminal = terminalOf(false);
  for (let second = 1; second <= 60; second++) {
    vi.advanceTimersByTime(1000);
    const line = `${second} s`;
    terminal.tick(() => (second % 2 === 0 ? line : { title: 'x', rows: [], line }));
    if (second === 33) terminal.say('said');
  }
  vi.useRealTimers();
  const words = written.trimEnd().split('\n');
  expect(words).toEqual(['10 s', '20 s', '30 s', 'said', '40 s', '50 s', '60 s']);
});

test('on a pipe a tick after a long silence is told at once, and those it missed are not made up for', () => {
  vi.useFakeTimers();
  const terminal = terminalOf(false);
  vi.advanceTimersByTime(65_000);
  for (let second = 65; second < 70; second++) {
    terminal.tick(() => `${second} s`);
    vi.advanceTimersByTime(1000);
  }
  terminal.tick(() => '70 s');
  vi.useRealTimers();
  expect(written.trimEnd().split('\n')).toEqual(['65 s', '70 s']);
});

test('what somebody else wrote is no command to the log of a CI system', () => {
  terminalOf(false).say('::add-mask::a');
  printError(new UserError('x', 'a\n ::error::b', '##[error]c'));
  expect(written).not.toMatch(/^\s*::|##\[/m);
  expect(written).toContain('x3a:error::b');
});

test('a terminal that cannot go back is written to as a pipe is', () => {
  vi.stubEnv('TERM', 'dumb');
  const terminal = terminalOf(true);
  terminal.live('a');
  terminal.say('b');
  expect(written).toBe('b\n');
});

test('quiet says nothing', () => {
  const terminal = terminalOf(true, true);
  terminal.live('a');
  terminal.work('b');
  terminal.tick(() => 't');
  terminal.say('c');
  terminal.clear();
  expect(written).toBe('');
});

test.each([
  ['with -q', true, true],
  ['with -q on a pipe', false, true],
  ['on a pipe, before a line is due', false, false],
])('%s nobody is asked where it is', (_, isTTY, quiet) => {
  const tell = vi.fn(() => 't');
  terminalOf(isTTY, quiet).tick(tell);
  expect(tell).not.toHaveBeenCalled();
});

test('a stack trace is for who asks for it', () => {
  printError(new TypeError('oops'));
  expect(written).not.toContain('terminal.test');
  vi.stubEnv('PULLPROOF_DEBUG', '1');
  printError(new TypeError('oops'));
  expect(written).toContain('terminal.test');
});
