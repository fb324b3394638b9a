import type { Label } from './incidents.ts'
import type { Random } from './random.ts'
import type { CannedReply } from './replies.ts'
import type { Place } from './topology.ts'

/** Results of one slice in one minute; several rows of the same slice and minute add up. */
export interface TrafficRow {
  /** Index into `Traffic.slices`. */
  slice: number
  /** When the attempts ended, in minutes from the start. */
  minute: number
  attempts: number
  /** Of the attempts; the others were delivered. */
  failures: readonly { reply: CannedReply; n: number }[]
}

/** When what happened can be seen: mostly at once, now and then in a jam, and as the reporting traps want it. */
export interface Telling {
  add(row: TrafficRow, account: number): void
  /** What is to be seen in this minute. To be called once for each, in order. */
  tell(minute: number): TrafficRow[]
}

// About once a day an account's events are held up, for some minutes, and then come all at once.
const JAMS_PER_MINUTE = 1 / 1440
const JAM_MINUTES = [3, 13] as const

export function createTelling(
  places: readonly Place[],
  labels: readonly Label[],
  accounts: number,
  random: Random,
): Telling {
  const jamUntil = new Int32Array(accounts)
  const later = new Map<number, TrafficRow[]>()
  const of = (kind: Label['kind'], account: number) =>
    labels.filter((label) => label.kind === kind && places[label.slices[0] ?? -1]?.account === account)
  const skews = Array.from({ length: accounts }, (_, account) => of('late_skew', account))
  const gaps = Array.from({ length: accounts }, (_, account) => of('api_gap', account))
  let now: TrafficRow[] = []

  function put(row: TrafficRow, at: number) {
    if (at <= row.minute) {
      now.push(row)
      return
    }
    const rows = later.get(at)
    if (rows) rows.push(row)
    else later.set(at, [row])
  }

  return {
    add(row, account) {
      const { minute, failures } = row
      const during = ({ from, to }: Label) => from <= minute && minute < to
      const gap = gaps[account]?.find(during)
      if (gap) {
        if (!gap.lost) put(row, gap.to)
        return
      }
      const skew = skews[account]?.find(during)
      if (skew) {
        const failed = failures.reduce((sum, { n }) => sum + n, 0)
        if (failed > 0) put({ ...row, attempts: failed }, minute)
        if (row.attempts > failed)
          put({ ...row, attempts: row.attempts - failed, failures: [] }, minute + (skew.lag ?? 0))
        return
      }
      put(row, jamUntil[account] ?? 0)
    },
    tell(minute) {
      const late = later.get(minute)
      const rows = late ? late.concat(now) : now
      later.delete(minute)
      now = []
      for (let account = 0; account < accounts; account++)
        if ((jamUntil[account] ?? 0) <= minute && random.chance(JAMS_PER_MINUTE))
          jamUntil[account] = minute + 1 + random.integer(...JAM_MINUTES)
      return rows
    },
  }
}
