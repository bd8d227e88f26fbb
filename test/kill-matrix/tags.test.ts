// The faults of mocks/faults/tags.
import { testRoom } from './room.ts';

testRoom('tags');
