// The faults of mocks/faults/replies.
import { testRoom } from './room.ts';

testRoom('replies');
