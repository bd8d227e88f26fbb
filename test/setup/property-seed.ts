// Property tests explore the same cases in every run, so that what fails is what was changed.
// PROPERTY_SEED=random, or a number, explores others.
import fc from 'fast-check';

const wish = process.env.PROPERTY_SEED ?? '20261121';
if (wish !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wish) });
