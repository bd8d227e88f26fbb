// Where the pages of the docs are to be read by those who have no checkout.

const docs = 'https://github.com/pullproof/pullproof/blob/main/docs/';

/** The address of a page: its path from docs/. */
export function docPage(page: string): string {
  return new URL(page, docs).href;
}
