// Rows that are drawn in place: what stands on the screen while others write, when it is resized, and in the end.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestScreen } from '../../test/lib/screen.ts';
import { LiveBlock } from './live-block.ts';

let screen: TestScreen;
let writes: string[];
let resized: (() => void)[];
let block: LiveBlock;

beforeEach(() => {
  vi.useFakeTimers();
  screen = new TestScreen(40);
  writes = [];
  resized = [];
  block = new LiveBlock({
    write: (text) => {
      writes.push(text);
      screen.write(text);
    },
    on: (_, listener) => resized.push(listener),
    off: (_, listener) => {
      resized = resized.filter((one) => one !== listener);
    },
  });
});

afterEach(() => {
  block.clear();
  vi.useRealTimers();
  expect(screen.unknown).toEqual([]);
});

const wait = () => vi.advanceTimersByTime(1000);
const show = (...rows: string[]) => {
  block.show(() => rows);
  wait();
};

test('rows are drawn over those before, more and fewer of them', () => {
  screen.write('$ pullproof\r\n');
  show('one', 'two');
  show('1', '2', '3');
  expect(screen.lines()).toEqual(['$ pullproof', '1', '2', '3']);
  show('last');
  expect(screen.lines()).toEqual(['$ pullproof', 'last']);
});

test('what others say comes above, and stays', () => {
  show('one', 'two');
  block.above('said\n');
  show('three', 'four');
  block.above('a line that is so long that this narrow terminal wraps it\n');
  expect(screen.lines()).toEqual(
    ['said', 'a line that is so long that this narrow ', 'terminal wraps it', 'three', 'four'].map(
      (line) => line.trimEnd(),
    ),
  );
});

test('where nothing is shown, what others say is written as it is', () => {
  block.above('said\n');
  show('one');
  block.clear();
  block.above('said again\n');
  expect([writes[0], writes.at(-1)]).toEqual(['said\n', 'said again\n']);
});

test('in the end nothing is left of it, and the next line begins where it stood', () => {
  screen.write('before\r\n');
  show('one', 'two', 'three');
  block.clear();
  screen.write('after\r\n');
  expect(screen.lines()).toEqual(['before', 'after']);
  expect(resized).toEqual([]);
});

test('every single write leaves the cursor visible', () => {
  show('one', 'two');
  block.above('said\n');
  show('three');
  block.clear();
  const other = new TestScreen(40);
  for (const text of writes) {
    other.write(text);
    expect(other.isCursorVisible).toBe(true);
  }
});

test('it is drawn at most four times a second, and the last word is drawn', () => {
  for (let at = 0; at < 1000; at++) {
    block.show(() => [`row ${at}`]);
    vi.advanceTimersByTime(10);
  }
  wait();
  expect(writes.length).toBeLessThanOrEqual(41);
  expect(screen.lines()).toEqual(['row 999']);
});

test('what did not change is not drawn again', () => {
  for (let at = 0; at < 10; at++) show('the same');
  expect(writes).toHaveLength(1);
});

test('a terminal that was resized is drawn anew for its size, and nothing of others is lost', () => {
  screen.write('before\r\n');
  block.show(() => ['x'.repeat(screen.columns - 3), 'second']);
  for (const columns of [20, 300, 7, 80]) {
    screen.columns = columns;
    for (const listener of resized) listener();
    wait();
    expect(screen.lines()).toEqual(['before', 'x'.repeat(columns - 3), 'second']);
  }
});
