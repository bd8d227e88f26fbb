// Where the pages of the docs, and other files, are to be read by those who have no checkout.

const files = 'https://github.com/pullproof/pullproof/blob/main';

/** The address of a page: its path below docs/. */
export function docPage(page: string): string {
  return filePage(`docs/${page}`);
}

/** The address of any file of the repository. */
export function filePage(path: string): string {
  return `${files}/${path}`;
}
