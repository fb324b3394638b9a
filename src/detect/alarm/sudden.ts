import { DRIFT, type Pace, SUDDEN } from '../state/pace.ts'
import { K, RATES } from '../state/state.ts'

/**
 * What the two watches hold to be still usual: `factor` times as much as one ordinary hour in twenty strays, to this power,
 * since where hours stray further, rare ones do so even more.
 */
const WATCH = {
  [SUDDEN]: { factor: 0.56, floor: 0.015 },
  [DRIFT]: { factor: 0.45, floor: 0.003 },
}
const POWER = 3
const LEAST_STRAY = 1.45
/**
 * The most that a minute may tell, by size: among few messages a single one is no burst. Among many, three minutes must
 * not reach the least bar (see calibration.ts): a burst of three minutes is nobody's trouble.
 */
const CLIP = [4, 2.2, 2.1, 2.1, 2.5]

/** No null rate is above this: half of the mail failing is never usual. */
const CAP = 0.4
export const R_MAX = 1e17

/** The mixture of one row and signal: `r[at..]` of so many alternatives. */
export interface Minute {
  /** See sizeOf. */
  size: number
  x: number
  n: number
  /** How many slices speak of trouble at once: each may tell as much as one. */
  ill: number
  /** Attempts and minutes without a failure since the last one. */
  idleN: number
  idleTicks: number
  /** The usual rate, with what others share in a rise. */
  usual: number
  /** How far above it one ordinary hour in twenty lies, as a factor. */
  stray: number
  /** Nats that the wording of the replies adds. */
  bonus: number
}

export interface Weighed {
  /** The log of the alternatives' average. */
  stat: number
  /** The quiet minutes had worn the evidence before them away. */
  fresh: boolean
}

/** What may still be usual in such a minute. */
export function nullRate(pace: Pace, { usual, stray }: Readonly<Minute>): number {
  const { factor, floor } = WATCH[pace]
  return Math.min(CAP, Math.max(factor * Math.max(LEAST_STRAY, stray) ** POWER * usual, floor))
}

const LOG_RATE = RATES.map(Math.log)
const LOG_REST = RATES.map((p) => Math.log1p(-p))

/**
 * The Shiryaev-Roberts step of every alternative: R <- (1 + R) x likelihood ratio. The quiet minutes before are made
 * up for in one go: each would have added one, and all of them have been decaying (one object answers, used again each time).
 */
export function weigh(r: Float32Array, at: number, minute: Readonly<Minute>): Readonly<Weighed> {
  const { size, x, n, ill, idleN, idleTicks, bonus } = minute
  const clip = CLIP[size]! * ill
  const q = nullRate(SUDDEN, minute)
  const logQ = Math.log(q)
  const logRest = Math.log1p(-q)
  let before = 0
  let sum = 0
  for (let k = 0; k < K; k++) {
    const isAbove = RATES[k]! >= 2 * q
    const logP = isAbove ? LOG_RATE[k]! : Math.log(2 * q)
    const rest = (isAbove ? LOG_REST[k]! : Math.log1p(-2 * q)) - logRest
    const worn = idleTicks === 0 ? 1 : Math.exp(idleN * rest)
    const kept = r[at + k]! * worn
    if (kept > before) before = kept
    const l = Math.min(clip, x * (logP - logQ) + (n - x) * rest)
    const next = Math.min(R_MAX, (1 + kept + (idleTicks === 0 ? 0 : idleTicks * Math.sqrt(worn))) * Math.exp(l + bonus))
    r[at + k] = next
    sum += next
  }
  weighed.stat = sum > K ? Math.log(sum / K) : 0
  weighed.fresh = before < 1
  return weighed
}

const weighed: Weighed = { stat: 0, fresh: false }
