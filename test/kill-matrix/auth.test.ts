// The faults of mocks/faults/auth.
import { testRoom } from './room.ts';

testRoom('auth');
