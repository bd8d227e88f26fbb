// Chances and quantiles of the normal distribution, of Student's and of the binomial.

/** Chance that a standard normal number is below z. */
export function normalBelow(z: number): number {
  return z < 0 ? tailOf(-z) : 1 - tailOf(z);
}

/** Chance beyond z, which is not negative: a series near the middle, a continued fraction further out. */
function tailOf(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let at = fractionSteps; at > 0; at--) fraction = z + at / fraction;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let at = 3; at < 2 * seriesSteps; at += 2) {
    term *= (z * z) / at;
    sum += term;
  }
  return 0.5 - density * sum;
}
const fractionSteps = 60;
const seriesSteps = 60;

/** The z below which a standard normal number is with this chance, between 0 and 1. */
export function normalQuantile(chance: number): number {
  return bisect(-40, 40, (z) => normalBelow(z) < chance);
}

/** The t below which Student's t is with this chance, at least 0.5. */
export function studentQuantile(chance: number, freedom: number): number {
  if (freedom > freedomMax) return normalQuantile(chance);
  return bisect(0, 1e6, (t) => studentBelow(t, freedom) < chance);
}
const freedomMax = 2000;

/** Chance that Student's t is below this one, which is not negative. */
export function studentBelow(t: number, freedom: number): number {
  return 1 - incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/** Chance that at most `count` of `of` happen, each with chance `share`. */
export function binomialAtMost(count: number, of: number, share: number): number {
  if (count < 0) return 0;
  if (count >= of) return 1;
  return incompleteBeta(1 - share, of - count, count + 1);
}

/** The share that falls below x of the beta distribution with parameters a and b. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges where x lies below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const log = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(log) * betaFraction(x, a, b)) / a;
}

/** The continued fraction of the incomplete beta function, by the method of Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const kept = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= lentzSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / kept(1 + term * d);
      c = kept(1 + term / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}
/** It takes some square root of a and b. */
const lentzSteps = 20_000;

/** Stirling's series, after x was raised to where it is exact. */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 12; at++) shift += Math.log(at);
  const inverse = 1 / (at * at);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) /
    at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** Where `isBelow` of a rising function turns, to the last digit that matters. */
function bisect(low: number, high: number, isBelow: (value: number) => boolean): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 100 && to - from > 1e-12 * Math.max(1, Math.abs(from)); step++) {
    const middle = (from + to) / 2;
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
