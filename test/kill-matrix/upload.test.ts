// The faults of mocks/faults/upload.
import { testRoom } from './room.ts';

testRoom('upload');
