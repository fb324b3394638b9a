import { type HourMinutes, MINUTES_PER_HOUR, noMinutes, unpackMinutes } from './packed-minutes.ts'

/** A counter of one minute; the minute is counted from 1970. */
export interface Counter {
  minute: number
  slice: number
  outcome: number
  reply: number
  n: number
}

/** What is counted, whenever it was. */
export interface CounterKey {
  slice: number
  outcome: number
  reply: number
}

/** One hour of one counter. */
export interface CounterHour extends CounterKey {
  minutes: HourMinutes
}

/** The same as the table has it. */
export interface PackedHour extends CounterKey {
  minutes: Uint8Array
}

/** The counters of one hour by their key. */
export type Hour = Map<string, CounterHour>

/** Minutes of an hour, `to` not included. */
export interface HourSpan {
  from: number
  to: number
}

export interface HourChange {
  put: CounterHour[]
  remove: CounterKey[]
  /** The minutes of the hour whose counters differ. */
  minutes: Set<number>
}

const keyOf = ({ slice, outcome, reply }: CounterKey) => `${slice} ${outcome} ${reply}`

/** Sums counters by hour (counted from 1970) and key; those of nothing are left out. */
export function byHour(counters: Iterable<Counter>): Map<number, Hour> {
  const hours = new Map<number, Hour>()
  for (const { minute, slice, outcome, reply, n } of counters) {
    if (n === 0) continue
    const at = Math.floor(minute / MINUTES_PER_HOUR)
    const hour: Hour = hours.get(at) ?? new Map()
    hours.set(at, hour)
    const key = keyOf({ slice, outcome, reply })
    const counter = hour.get(key) ?? { slice, outcome, reply, minutes: noMinutes() }
    hour.set(key, counter)
    const place = minute - at * MINUTES_PER_HOUR
    counter.minutes[place] = counter.minutes[place]! + n
  }
  return hours
}

/** What has to be done to an hour's stored counters so that in `span` they are the wanted ones, and nothing more. */
export function replaceIn(span: HourSpan, stored: readonly PackedHour[], wanted: Hour): HourChange {
  const change: HourChange = { put: [], remove: [], minutes: new Set() }
  const isStored = new Set<string>()
  for (const row of stored) {
    const key = keyOf(row)
    isStored.add(key)
    const minutes = noMinutes()
    unpackMinutes(row.minutes, minutes)
    if (!setIn(span, minutes, wanted.get(key)?.minutes, change.minutes)) continue
    const { slice, outcome, reply } = row
    if (minutes.every((n) => n === 0)) change.remove.push({ slice, outcome, reply })
    else change.put.push({ slice, outcome, reply, minutes })
  }
  for (const [key, counter] of wanted) {
    if (isStored.has(key)) continue
    noteMinutes(counter.minutes, change.minutes)
    change.put.push(counter)
  }
  return change
}

/** What has to be done to the stored counters so that these are on top of them. */
export function addTo(stored: readonly PackedHour[], added: Hour): HourChange {
  const change: HourChange = { put: [...added.values()], remove: [], minutes: new Set() }
  for (const counter of added.values()) noteMinutes(counter.minutes, change.minutes)
  for (const row of stored) {
    const counter = added.get(keyOf(row))
    if (counter) unpackMinutes(row.minutes, counter.minutes)
  }
  return change
}

/** Makes the minutes of `span` the wanted ones, and says whether they were others. */
function setIn({ from, to }: HourSpan, minutes: HourMinutes, wanted: HourMinutes | undefined, changed: Set<number>) {
  let differs = false
  for (let minute = from; minute < to; minute++) {
    const n = wanted?.[minute] ?? 0
    if (minutes[minute] === n) continue
    minutes[minute] = n
    changed.add(minute)
    differs = true
  }
  return differs
}

function noteMinutes(minutes: HourMinutes, changed: Set<number>): void {
  for (let minute = 0; minute < MINUTES_PER_HOUR; minute++) if (minutes[minute]! > 0) changed.add(minute)
}
