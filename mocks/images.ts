// The images of a mock registry, for the rest of the mock: what they are made or read from is in images/.
export type { SeededImage } from './images/image.ts';
export { seedImages } from './images/small.ts';
export { type ImageOptions, type ImageSet, readImages } from './images/sources.ts';
