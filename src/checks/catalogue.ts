// All checks, in the order in which they run: from what everything else stands on to the whole pull.
import type { Check } from './check.ts';
import { errorChecks } from './errors.ts';
import { blobHeadChecks, manifestHeadChecks } from './head.ts';
import { manifestTypeChecks } from './manifest-types.ts';
import { pingChecks } from './ping.ts';
import { blobChecks } from './pull-blobs.ts';
import { manifestChecks } from './pull-manifests.ts';
import { pushBlobChecks } from './push-blobs.ts';
import { rangeChecks } from './range.ts';
import { redirectChecks } from './redirects.ts';
import { tokenChecks } from './tokens.ts';
import { wholePullChecks } from './whole-pull.ts';

export const checks: readonly Check[] = [
  ...pingChecks,
  ...tokenChecks,
  ...manifestChecks,
  ...manifestTypeChecks,
  ...manifestHeadChecks,
  ...blobChecks,
  ...blobHeadChecks,
  ...rangeChecks,
  ...redirectChecks,
  ...errorChecks,
  ...wholePullChecks,
  ...pushBlobChecks,
];
