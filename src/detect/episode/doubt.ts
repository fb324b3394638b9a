const { log, exp, min, max } = Math

const INSIDE = 0.85
const OUTSIDE = 0.01
/** What one slice's counts may tell at most, in nats. */
export const BOUND = 12
const DISPERSION = 0.4
/** A slice of the same trouble fails about as often as those that gave it away. */
const LIKE = [0.35, 0.6, 1, 1.4]
/** What is in trouble fails at least so many times as often as what is well. */
const LEAST_RISE = 1.7

const LEAST_CLEAN = 0.0005
/** What always fails must leave room for a likelihood. */
const MOST_CLEAN = 0.9
/** Up to here a slice may fail and still be well. */
const cleanRate = (p0: number): number => min(MOST_CLEAN, max(p0 * 1.3, LEAST_CLEAN))
/** A rate wanders from minute to minute, so counts say less than their number. */
const weightOf = (clean: number, n: number, minutes: number): number =>
  1 / (1 + (DISPERSION * clean * n) / max(minutes, 1))

/** How much likelier the counts are in a trouble with about this rate of failure than without, in nats. */
export function suspicion(x: number, n: number, p0: number, minutes: number, rate: number): number {
  if (n <= 0) return 0
  const clean = cleanRate(p0)
  const weight = weightOf(clean, n, minutes)
  let sum = 0
  for (let k = 0; k < LIKE.length; k++) {
    const p = min(0.95, max(LIKE[k]! * rate, LEAST_RISE * clean))
    const l = weight * (x * log(p / clean) + (n - x) * log((1 - p) / (1 - clean)))
    sum += exp(min(l, 300))
  }
  return max(-BOUND, min(BOUND, log(sum / LIKE.length)))
}

/** What a slice with this suspicion adds to a set that it lies in. */
export const gainOf = (l: number): number => log(INSIDE * exp(l) + 1 - INSIDE) - log(OUTSIDE * exp(l) + 1 - OUTSIDE)

/** How likely a slice with this suspicion, in a set in trouble, is in trouble itself. */
export function chanceOf(l: number): number {
  const odds = (INSIDE / (1 - INSIDE)) * exp(l)
  return odds / (1 + odds)
}

const MOST_GAIN = log(INSIDE / OUTSIDE)
const STEPS = [-8, -4, -2, -1, -0.5].map((l) => ({ l, gain: gainOf(l) }))

/**
 * `gainOf(suspicion(...))` is not above this. Two logarithms at most: no alternative is likelier than
 * the rate that is seen, and below all of them the least is the likeliest; `log(1 - p)` is replaced by its tangent.
 */
export function mostGain(x: number, n: number, p0: number, minutes: number, rate: number): number {
  if (n <= 0) return 0
  const clean = cleanRate(p0)
  if (clean > 0.5 || x > n) return MOST_GAIN
  const weight = weightOf(clean, n, minutes)
  const least = max(LIKE[0]! * rate, LEAST_RISE * clean)
  if (x >= least * n) {
    const expected = n * clean
    const most = x * log(x / expected) - ((x - expected) * (n - x)) / (n - expected)
    return min(MOST_GAIN, weight * most)
  }
  const others = (n - x) * (least - clean)
  // No clean rate is lower.
  if (weight * (x * log(least / LEAST_CLEAN) - others) <= STEPS[0]!.l) return STEPS[0]!.gain
  const l = weight * (x * log(least / clean) - others)
  for (let k = 0; k < STEPS.length; k++) if (l <= STEPS[k]!.l) return STEPS[k]!.gain
  return min(MOST_GAIN, max(0, l))
}
