// The faults of mocks/faults/referrers.
import { testRoom } from './room.ts';

testRoom('referrers');
