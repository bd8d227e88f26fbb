// The pages that people write or read: all Markdown of the repository but what is history, with their fenced blocks.
import { allPaths, readSource } from '../sources.ts';
import { type Block, blocksOf } from './blocks.ts';

export interface DocPage {
  /** Path from the root. */
  readonly page: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const isDoc = (path: string) =>
  path.endsWith('.md') && !path.startsWith('test/') && path !== 'CHANGELOG.md';

export const docPages: readonly DocPage[] = allPaths()
  .filter(isDoc)
  .map((path) => {
    const { text } = readSource(path);
    return { page: path, text, blocks: blocksOf(path, text) };
  });
