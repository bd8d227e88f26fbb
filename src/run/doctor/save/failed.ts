// Why an image cannot be kept.
import { UserError } from '../../../lib/user-error.ts';

const otherPlace = 'Name another place with --save, and check its rights and the free space.';

export function saveFailed(message: string, hint = otherPlace): UserError {
  return new UserError('save-failed', `the image cannot be saved: ${message}`, hint);
}
