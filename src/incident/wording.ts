import type { Signal } from '../smtp/causes.ts'
import type { Reading } from './incident.ts'

/** What the trouble is called. */
export const NOUNS: Record<Signal, string> = {
  throttling: 'throttling',
  blocking: 'blocking',
  authentication: 'authentication trouble',
  content: 'content trouble',
  list: 'list quality trouble',
  receiver: 'receiver trouble',
}

/** 0.384 as "38 %": two digits that count, since more would feign precision. */
export function percent(share: number): string {
  const value = share * 100
  if (value >= 10 || value === 0) return `${Math.round(value)} %`
  if (value < 0.01) return 'under 0.01 %'
  return `${value.toFixed(value >= 1 ? 1 : 2)} %`
}

/** 12345 as "12 345", with a narrow space that does not break. */
export const grouped = (n: number) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, '\u202f')

/** "14:05 UTC", with the date where it is not that of `today`. */
export function when(at: Date, today: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  return `${today.toISOString().startsWith(date) ? '' : `${date} `}${time.slice(0, 5)} UTC`
}

/** "25 min", "3 h", "3 h 20 min", "2 d 4 h". */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`
  if (hours > 0) return rest > 0 ? `${hours} h ${rest} min` : `${hours} h`
  return `${rest} min`
}

/** "38 %, usually 0.40 %; 1 240 of 3 260 so far", or "412 failures so far" where attempts are unknown. */
export function figures({ rate, baseline, attempts, failures }: Omit<Reading, 'at'>, until = 'so far'): string {
  const all = `${grouped(failures)}${attempts === null ? ' failures' : ` of ${grouped(attempts)}`} ${until}`
  if (rate === null) return all
  return `${percent(rate)}${baseline === null ? '' : `, usually ${percent(baseline)}`}; ${all}`
}

export const count = (n: number, noun: string) => `${n === 1 ? 'one' : n} ${noun}${n === 1 ? '' : 's'}`

export const sentence = (text: string) =>
  text.charAt(0).toUpperCase() + text.slice(1) + (text === '' || /[.!?]$/.test(text) ? '' : '.')
