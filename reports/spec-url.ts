// Where the sections that rules and checks name are read in public.

/** Where the public texts are read: what the section has to look like, and its address. */
const specPlaces: readonly (readonly [RegExp, string])[] = [
  [
    /^(image-spec|distribution-spec)\/([a-z0-9-]+\.md)(#[a-z0-9_-]+)?$/,
    'https://github.com/opencontainers/$1/blob/main/$2$3',
  ],
  [
    /^docker-registry\/(token|oauth)\.md(#[a-z0-9_-]+)?$/,
    'https://github.com/distribution/distribution/blob/main/docs/content/spec/auth/$1.md$2',
  ],
  [
    /^docker-registry\/([a-z0-9-]+\.md)(#[a-z0-9_-]+)?$/,
    'https://github.com/distribution/distribution/blob/main/docs/content/spec/$1$2',
  ],
  [
    // Each version is there under its own tag alone.
    /^docker-image-spec\/v(1\.[12])\.md(#[a-z0-9_-]+)?$/,
    'https://github.com/moby/docker-image-spec/blob/v$1.0/v$1.md$2',
  ],
  [
    /^containers-config\/(containers-[a-z.-]+\.5\.md)(#[a-z0-9_-]+)?$/,
    'https://github.com/containers/container-libs/blob/main/image/docs/$1$2',
  ],
  [/^(rfc[0-9]{1,5})(#section-[0-9]+(?:\.[0-9]+)*)?$/, 'https://www.rfc-editor.org/rfc/$1.html$2'],
  [
    /^RFC ([0-9]{1,5}) section ([0-9]+(?:\.[0-9]+)*)$/,
    'https://www.rfc-editor.org/rfc/rfc$1.html#section-$2',
  ],
  [/^toml\/(v[0-9.]+)(#[a-z-]+)?$/, 'https://toml.io/en/$1$2'],
  [/^yaml\/([0-9.]+)(#[a-z-]+)?$/, 'https://yaml.org/spec/$1/$2'],
];

/**
 * Where the public text of a section is read. Undefined for what is our own or not known; the strict
 * patterns keep a forged section from leading anywhere else.
 */
export function specUrl(section: string): string | undefined {
  for (const [pattern, address] of specPlaces) {
    if (pattern.test(section)) return section.replace(pattern, address);
  }
  return undefined;
}
