import { DRIFT } from '../state/pace.ts'
import { D, MULTIPLES } from '../state/state.ts'
import { type Minute, nullRate, R_MAX, type Weighed } from './sudden.ts'

/** A rate wanders from minute to minute, as if each were drawn from a gamma distribution of this shape. */
const SHAPE = 3
/**
 * What drifts does so for hours, so evidence may flow no faster than so many nats a minute, whichever way it speaks; but
 * minutes with little mail speak now for it and now against, so that much is let through at once.
 */
const FLOW = 0.5
const ROOM = 2.5

/** How much likelier x failures are at the rate p than at q, in nats, where rates wander (negative binomial). */
const evidence = (x: number, n: number, p: number, q: number): number =>
  x * Math.log(p / q) - (x + SHAPE) * Math.log((SHAPE + n * p) / (SHAPE + n * q))

/** The same step as `weigh`, for the slow watch; `flow` has what each alternative was told of late. */
export function weighDrift(
  r: Float32Array,
  flow: Float32Array,
  at: number,
  minute: Readonly<Minute>,
): Readonly<Weighed> {
  const { x, n, idleN, idleTicks } = minute
  const q = nullRate(DRIFT, minute)
  const spent = FLOW * (idleTicks + 1)
  const most = ROOM + spent
  let before = 0
  let sum = 0
  for (let k = 0; k < D; k++) {
    const p = Math.min(0.95, q * MULTIPLES[k]!)
    const quiet = idleTicks === 0 ? 0 : idleTicks * evidence(0, idleN / idleTicks, p, q)
    const loud = evidence(x, n, p, q)
    const was = flow[at + k]!
    const is = Math.max(-most, Math.min(most, was + quiet + loud))
    flow[at + k] = Math.sign(is) * Math.max(0, Math.abs(is) - spent)
    const worn = Math.exp(Math.max(-most, quiet))
    before = Math.max(before, r[at + k]! * worn)
    const fresh = (1 + idleTicks * Math.sqrt(worn)) * Math.exp(Math.max(-ROOM, Math.min(ROOM, loud)))
    const next = Math.min(R_MAX, r[at + k]! * Math.exp(is - was) + fresh)
    r[at + k] = next
    sum += next
  }
  weighed.stat = sum > D ? Math.log(sum / D) : 0
  weighed.fresh = before < 1
  return weighed
}

const weighed: Weighed = { stat: 0, fresh: false }
