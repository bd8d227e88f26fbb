import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { expectDeviations } from '../../../test/lib/push-deviations.ts';
import { configType, seen, soundTypes, types } from '../../../test/lib/referrer-looks.ts';
import { referrerDescriptorFaults } from './descriptors.ts';

expectDeviations(referrerDescriptorFaults, [
  {
    id: 'referrers-size-zero',
    look: seen(({ size }) => size > 0),
    faulty: ['false', 'false', 'false', 'false'],
    sound: ['true', 'true', 'true', 'true'],
  },
  {
    id: 'referrers-untyped',
    look: types,
    faulty: ['undefined', 'undefined', 'undefined', 'undefined'],
    sound: soundTypes,
  },
  {
    id: 'referrers-index-typed',
    look: types,
    faulty: [configType, mediaTypes.ociIndex, 'example/a', 'example/b'].toSorted(),
    sound: soundTypes,
  },
  {
    id: 'referrers-config-unread',
    look: types,
    faulty: ['example/a', 'example/b', 'undefined'],
    sound: soundTypes,
  },
  {
    id: 'referrers-bare',
    look: seen(({ annotations }) => annotations !== undefined),
    faulty: ['false', 'false', 'false', 'false'],
    sound: ['false', 'false', 'false', 'true'],
  },
]);
