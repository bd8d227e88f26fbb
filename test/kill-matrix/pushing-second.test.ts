// The second half of the faults, against the checks that push.
import { testPushing } from './pushing.ts';

testPushing(1);
