// The content of a folder or archive, found by digest: which file holds a blob is one function.

import { documentBytesMax } from '../source.ts';
import type { Content, ImageContent, Sought } from './content.ts';
import { computable } from './layer/inspection.ts';
import type { FileTree } from './tree.ts';

/** Every blob is hashed, whether it is a document or not. */
export function contentOfTree(
  tree: FileTree,
  fileOf: (digest: string) => string | undefined,
): ImageContent {
  async function seek(
    digest: string,
    isStreamed = false,
  ): Promise<{ file: string; content: Content } | undefined> {
    const file = fileOf(digest);
    const bytes = file === undefined ? undefined : tree.files.get(file);
    if (file === undefined || bytes === undefined) return undefined;
    const algorithm = computable(digest);
    const isLater = isStreamed && tree.digestReads;
    const actual = isLater ? undefined : algorithm && (await tree.digest(file, algorithm));
    return { file, content: { path: tree.pathOf(file), bytes, digest: actual } };
  }
  return {
    async document(digest): Promise<Sought> {
      const found = await seek(digest);
      if (found === undefined) return 'missing';
      const { content, file } = found;
      if (content.bytes > documentBytesMax) return content;
      return { ...content, body: await tree.read(file) };
    },
    async blob(digest, isStreamed): Promise<Sought> {
      return (await seek(digest, isStreamed))?.content ?? 'missing';
    },
    deadLink: (digest) => tree.deadLinks.get(fileOf(digest) ?? ''),
    pathOf: (digest) => tree.pathOf(fileOf(digest) ?? digest),
    async stream(digests, open) {
      const digestOf = new Map<string, string>();
      for (const digest of digests) {
        const file = fileOf(digest);
        if (file !== undefined && tree.files.has(file)) digestOf.set(file, digest);
      }
      await tree.stream(new Set(digestOf.keys()), (file) => open(digestOf.get(file) as string));
      return new Map();
    },
  };
}
