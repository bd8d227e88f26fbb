// The page that lists the samples.
import { pictures, samples } from './samples.ts';

export function samplesPage(): string {
  return [
    '# Samples',
    '',
    'Reports of real runs against our mock. `npm run samples` makes them anew; nothing in them is edited.',
    '',
    '| sample | shows | files |',
    '|---|---|---|',
    ...samples.map(({ name, title, files }) => {
      const links = Object.values(files).map((file) => `[${file}](${file})`);
      return `| ${name} | ${title} | ${links.join(', ')} |`;
    }),
    '',
    ...pictures.map(({ of, scheme }) => {
      return `![The page of ${of}, ${scheme}](${pictureFile(of, scheme)})\n`;
    }),
  ].join('\n');
}

export function pictureFile(of: string, scheme: string): string {
  return `${of}-${scheme}.png`;
}
