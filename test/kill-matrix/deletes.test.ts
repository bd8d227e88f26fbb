// The faults of mocks/faults/deletes.
import { testRoom } from './room.ts';

testRoom('deletes');
