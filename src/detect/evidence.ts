import { D, DRIFT, K, MULTIPLES, type Pace, RATES, SUDDEN } from './state.ts'

/** What the two watches hold to be still usual. */
const WATCH = {
  [SUDDEN]: { factor: 2.6, floor: 0.015 },
  [DRIFT]: { factor: 1.15, floor: 0.01 },
}
// The most that a minute may tell, by size: among few messages a single one is no burst.
const CLIP = [4, 2.8, 2.5, 2.5]
const DRIFT_CLIP = 0.5

/** Where receivers are restless more is usual; the more so for what drifts, which stands out by little. */
function widen(pace: Pace, stray: number): number {
  return pace === SUDDEN ? Math.max(1, (stray / 1.45) ** 2.5) : Math.min(2.6, Math.max(1, (stray / 1.35) ** 4))
}

/** No null rate is above this: half of the mail failing is never usual. */
const CAP = 0.4
const R_MAX = 1e17

/** The mixture of one row and signal: `r[at..]` of so many alternatives. */
export interface Minute {
  pace: Pace
  /** See sizeOf. */
  size: number
  x: number
  n: number
  /** How many slices speak of trouble at once: each may tell as much as one. */
  ill: number
  /** Attempts and minutes without a failure since the last one. */
  idleN: number
  idleTicks: number
  /** The usual rate, with what all providers share in a rise. */
  usual: number
  /** How far above it one ordinary hour in six lies, as a factor. */
  stray: number
  /** Nats that the wording of the replies adds. */
  bonus: number
}

const LOG_RATE = RATES.map(Math.log)
const LOG_REST = RATES.map((p) => Math.log1p(-p))

/**
 * The Shiryaev-Roberts step of every alternative: R <- (1 + R) x likelihood ratio. The quiet minutes before are made
 * up for in one go: each would have added one, and all of them have been decaying. Answers with the log of the
 * average, and whether the quiet minutes had worn the evidence before them away (one object, used again each time).
 */
export function weigh(r: Float32Array, at: number, minute: Readonly<Minute>): Readonly<typeof weighed> {
  const { pace, size, x, n, ill, idleN, idleTicks, usual, stray, bonus } = minute
  const { factor, floor } = WATCH[pace]
  const clip = pace === SUDDEN ? CLIP[size]! : DRIFT_CLIP
  const q = Math.min(CAP, Math.max(factor * widen(pace, stray) * usual, floor))
  const logQ = Math.log(q)
  const logRest = Math.log1p(-q)
  const width = pace === SUDDEN ? K : D
  let before = 0
  let sum = 0
  for (let k = 0; k < width; k++) {
    let logP: number
    let logPRest: number
    if (pace === SUDDEN && RATES[k]! >= 2 * q) {
      logP = LOG_RATE[k]!
      logPRest = LOG_REST[k]!
    } else {
      const p = pace === SUDDEN ? 2 * q : Math.min(0.95, q * MULTIPLES[k]!)
      logP = Math.log(p)
      logPRest = Math.log1p(-p)
    }
    const rest = logPRest - logRest
    const worn = idleTicks === 0 ? 1 : Math.exp(idleN * rest)
    const kept = r[at + k]! * worn
    if (kept > before) before = kept
    const raw = x * (logP - logQ) + (n - x) * rest
    // What drifts does so for hours: no minute counts for much, whichever way it speaks.
    const l = pace === SUDDEN ? Math.min(raw, clip * ill) : Math.max(-clip, Math.min(raw, clip))
    const next = Math.min(R_MAX, (1 + kept + (idleTicks === 0 ? 0 : idleTicks * Math.sqrt(worn))) * Math.exp(l + bonus))
    r[at + k] = next
    sum += next
  }
  weighed.stat = sum > width ? Math.log(sum / width) : 0
  weighed.fresh = before < 1
  return weighed
}

const weighed = { stat: 0, fresh: false }
