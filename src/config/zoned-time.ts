import { HOUR_MS } from '../time/units.ts'

/** A date and time on somebody's wall. `month` counts from 1. */
export interface WallTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

/** How far the wall of a time zone is ahead of UTC at an instant, in milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, instant: number): number {
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
}

/**
 * Turns wall times of an IANA time zone into instants. Of the hour that comes twice when summer time ends, the first is
 * taken. Null for a date that does not exist.
 */
export function zonedTime(timeZone: string): (time: WallTime) => Date | null {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...numeric,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  // Asking Intl costs microseconds, and lines of a log come in order: one hour's offset serves them all.
  let last = { hour: Number.NaN, offset: 0 }
  return ({ year, month, day, hour, minute, second }) => {
    const wall = Date.UTC(year, month - 1, day, hour, minute, second)
    const date = new Date(wall)
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
    const wallHour = Math.floor(wall / HOUR_MS)
    if (wallHour !== last.hour) {
      // The offset is that of the instant, which is what we look for: a second look mends a first guess across a change.
      const guess = wall - offsetAt(format, wall)
      const earlier = wall - offsetAt(format, guess - HOUR_MS)
      const isRight = offsetAt(format, earlier) === wall - earlier
      last = { hour: wallHour, offset: isRight ? wall - earlier : offsetAt(format, guess) }
    }
    return new Date(wall - last.offset)
  }
}
