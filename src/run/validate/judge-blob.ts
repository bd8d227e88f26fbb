// Judges one file of blobs/ALGORITHM/ in an OCI layout, given by itself: its digest, and its content as far
// as that shows what it is. Other content is nobody's business (image-spec image-layout.md, Content).
import type { Judgement } from '../../validate/image/judge-tree.ts';
import { type ExpectedLayer, LayerInspection } from '../../validate/image/layer/inspection.ts';
import { blobDigest } from '../../validate/image/rules.ts';
import { kindUnknown } from '../../validate/rules/document.ts';
import { documentBytesMax } from '../../validate/source.ts';
import { type AlsoFound, foundResult, validateDocument } from '../../validate/validate.ts';
import { isArchive } from './inputs/archive-head.ts';
import { digestOfBlob } from './inputs/expand.ts';
import { filePieces, firstChar } from './inputs/folder-tree.ts';
import { readFileUpTo } from './inputs/read-file.ts';
import { unreadableFile } from './inputs/unreadable.ts';
import type { JudgeOptions } from './judge-inputs.ts';

/** @throws UserError (exit 2) for what cannot be read */
export async function judgeBlob(path: string, options: JudgeOptions): Promise<Judgement> {
  const { strict, levels, layers, layerBytesMax, signal } = options;
  const isLayer = isArchive(path);
  const expected: ExpectedLayer = {
    digest: digestOfBlob(path) ?? '',
    sizes: new Set(),
    compressions: new Set(isLayer && layers ? ['any'] : []),
    diffIds: new Set(),
  };
  const inspection = new LayerInspection(expected, layerBytesMax);
  for await (const piece of filePieces(path, signal)) await inspection.write(piece);
  if (signal.aborted) return { documents: [], verified: { blobs: 0, bytes: 0 } };
  await inspection.end();
  const { drafts, bytes, verified } = inspection.outcome();
  const kind = isLayer ? 'layer' : 'blob';
  let result = foundResult(path, kind, drafts, { strict, levels });
  if (!isLayer && bytes <= documentBytesMax && (await firstChar(path)) === '{') {
    const body = await readFileUpTo(path, documentBytesMax).catch((error) => {
      throw unreadableFile(path, error);
    });
    const also = drafts
      .filter(({ rule }) => rule === blobDigest)
      .map((draft): AlsoFound => ({ ...draft, pointer: '' }));
    const judged = validateDocument(body ?? new Uint8Array(), { path, strict, levels, also });
    if (judged.findings.every(({ ruleId }) => ruleId !== kindUnknown.id)) result = judged;
  }
  return {
    documents: [result],
    verified: { blobs: Number(verified), bytes: verified ? bytes : 0 },
  };
}
