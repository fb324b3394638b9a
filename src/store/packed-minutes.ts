import { type RawBuilder, sql } from 'kysely'

export const MINUTES_PER_HOUR = 60

/** In the place of a count: four bytes follow that hold it. */
const LARGE = 255

/** The counts of an hour's minutes, by minute. Not integers of 32 bits: what is too large is for the database to refuse, not to wrap. */
export type HourMinutes = Float64Array

export const noMinutes = (): HourMinutes => new Float64Array(MINUTES_PER_HOUR)

/** A byte for each minute that has a count and a byte for the count, or 255 and four bytes, most significant first. */
export function packMinutes(minutes: HourMinutes): Buffer {
  let length = 0
  for (const n of minutes) if (n > 0) length += n < LARGE ? 2 : 6
  const packed = Buffer.allocUnsafe(length)
  let at = 0
  for (let minute = 0; minute < MINUTES_PER_HOUR; minute++) {
    const n = minutes[minute]!
    if (n <= 0) continue
    packed[at++] = minute
    packed[at++] = Math.min(n, LARGE)
    if (n >= LARGE) at = packed.writeUInt32BE(n >>> 0, at)
  }
  return packed
}

/** Adds what is packed to `into`, so that a caller may sum. */
export function unpackMinutes(packed: Uint8Array, into: HourMinutes): void {
  eachMinute(packed, (minute, n) => {
    into[minute] = into[minute]! + n
  })
}

/** Calls back for each minute that has a count, in order. */
export function eachMinute(packed: Uint8Array, visit: (minute: number, n: number) => void): void {
  for (let at = 0; at < packed.length; ) {
    const minute = packed[at++]!
    let n = packed[at++]!
    if (n === LARGE) {
      n = ((packed[at]! << 24) | (packed[at + 1]! << 16) | (packed[at + 2]! << 8) | packed[at + 3]!) >>> 0
      at += 4
    }
    visit(minute, n)
  }
}

/**
 * The last minute that has a count, in SQL. Where the fifth byte from the end is 255, a large count follows it and ends
 * the hour: it is no small count, nor the high byte of a large one, which no minute reaches.
 */
export const lastMinute = (column: RawBuilder<unknown>): RawBuilder<number> => sql`
  get_byte(${column}, length(${column}) - case
    when length(${column}) >= 6 and get_byte(${column}, length(${column}) - 5) = ${sql.lit(LARGE)} then 6 else 2 end)`
