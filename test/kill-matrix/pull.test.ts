// The faults of mocks/faults/pull.
import { testRoom } from './room.ts';

testRoom('pull');
