// Where the pages of the docs are to be read by those who have no checkout.

const docs = 'https://github.com/pullproof/pullproof/blob/main/docs';

/** The address of a page: its path below docs/. */
export function docPage(page: string): string {
  return `${docs}/${page}`;
}
