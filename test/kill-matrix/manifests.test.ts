// The faults of mocks/faults/manifests.
import { testRoom } from './room.ts';

testRoom('manifests');
