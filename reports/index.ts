// Every view of a results document, by the name that `--format` takes.

import { renderCsv } from './csv.ts';
import { renderGithub } from './github.ts';
import { renderGitlab } from './gitlab.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderOpenMetrics } from './openmetrics.ts';
import { defaultOptions, type RenderOptions } from './options.ts';
import type { Results } from './results.ts';
import { renderSarif } from './sarif.ts';
import { renderText } from './text.ts';

type Render = (results: Results, options?: Partial<RenderOptions>) => string;

/** Pure functions of the document and of what the caller tells of its surroundings. */
export const formats = {
  text: (results: Results, options?: Partial<RenderOptions>) =>
    renderText(results, { ...defaultOptions, ...options }),
  json: (results: Results) => renderJson(results),
  junit: (results: Results) => renderJunit(results),
  sarif: (results: Results, options?: Partial<RenderOptions>) =>
    renderSarif(results, { ...defaultOptions, ...options }),
  github: (results: Results, options?: Partial<RenderOptions>) =>
    renderGithub(results, { ...defaultOptions, ...options }),
  gitlab: (results: Results, options?: Partial<RenderOptions>) =>
    renderGitlab(results, { ...defaultOptions, ...options }),
  markdown: (results: Results) => renderMarkdown(results),
  openmetrics: (results: Results) => renderOpenMetrics(results),
  csv: (results: Results) => renderCsv(results),
} satisfies Record<string, Render>;

export type Format = keyof typeof formats;
