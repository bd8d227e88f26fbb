// Globs over ids: `*` for any text, `?` for one character.

export function matchesAny(globs: readonly string[], id: string): boolean {
  return globs.some((glob) => globToRegExp(glob).test(id));
}

function globToRegExp(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
