import { zonedTime } from '../../../src/config/zoned-time.ts'
import { DAY_MS } from '../../../src/time/units.ts'

/** A line of syslog as far as it matters here. */
export interface SyslogLine {
  at: Date
  host: string
  /** `postfix/smtp`, `postfix-out/smtp`, `postfix/relay/smtp`. */
  tag: string
  text: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
// RFC 3164: "Nov  3 20:20:05", without year and time zone.
const TRADITIONAL =
  /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\S+) ([^\s[]+)(?:\[\d+\])?: (.*)$/s
// RFC 3339, as rsyslog (since Debian 12) and journald write it: "2026-11-03T20:20:05.123456+01:00".
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)) (\S+) ([^\s[]+)(?:\[\d+\])?: (.*)$/s
// RFC 5424: "<22>1 2026-11-03T20:20:05Z mta1 postfix/smtp 123 - - text".
const RFC5424 = /^<\d{1,3}>1 (\S+) (\S+) (\S+) \S+ \S+ (?:-|\[.*?\]) ?(?:\uFEFF)?(.*)$/s

/**
 * Reads lines of syslog, in any of the three forms that are in use. `timeZone` is that of the traditional form, which
 * does not tell it, nor the year: taken is the latest year in which the line is not from the future.
 */
export function syslogReader(timeZone: string, now: () => Date): (line: string) => SyslogLine | null {
  const toInstant = zonedTime(timeZone)

  function traditionalTime([, name = '', day, hour, minute, second]: RegExpExecArray): Date | null {
    const month = MONTHS.indexOf(name) + 1
    if (month === 0) return null
    const time = { month, day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second) }
    // A day's grace for clocks that go wrong; four years back, for the 29th of February.
    const latest = now().getTime() + DAY_MS
    const thisYear = new Date(latest).getUTCFullYear()
    for (let year = thisYear + 1; year >= thisYear - 4; year--) {
      const at = toInstant({ year, ...time })
      if (at && at.getTime() <= latest) return at
    }
    return null
  }

  return (line) => {
    const traditional = TRADITIONAL.exec(line)
    if (traditional) {
      const at = traditionalTime(traditional)
      const [, , , , , , host = '', tag = '', text = ''] = traditional
      return at && { at, host, tag, text }
    }
    const [, time = '', host = '', tag = '', text = ''] = ISO.exec(line) ?? RFC5424.exec(line) ?? []
    const at = new Date(time.replace(',', '.').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
    return Number.isNaN(at.getTime()) ? null : { at, host, tag, text }
  }
}
