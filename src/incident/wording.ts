import type { Signal } from '../smtp/causes.ts'
import type { Reading } from './incident.ts'

/** What each kind of problem is called. */
export const NOUNS: Record<Signal, string> = {
  throttling: 'throttling',
  blocking: 'blocking',
  authentication: 'authentication problems',
  content: 'content problems',
  list: 'list quality problems',
  receiver: 'receiver problems',
}

/** 0.384 as "38%": two significant digits, since more would suggest a precision that is not there. */
export function percent(share: number): string {
  const value = share * 100
  if (value >= 9.95 || value === 0) return `${Math.round(value)}%`
  if (value < 0.01) return 'under 0.01%'
  return `${value.toFixed(value >= 0.995 ? 1 : 2)}%`
}

/** 12345 as "12,345". */
export const grouped = (n: number) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')

/** "14:05 UTC", with the date unless it is `today`. */
export function when(at: Date, today: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  return `${today.toISOString().startsWith(date) ? '' : `${date} `}${time.slice(0, 5)} UTC`
}

/** "25 min", "3.4 h", "2.2 days": one number and one unit. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.round(minutes / 6) / 10
  return hours < 48 ? `${hours} h` : `${Math.round(minutes / 144) / 10} days`
}

/** "38%, usually 0.40%; 1,240 of 3,260 so far", or "412 failures so far" where attempts are unknown. */
export function figures({ rate, baseline, attempts, failures }: Omit<Reading, 'at'>, until = 'so far'): string {
  const all = `${grouped(failures)}${attempts === null ? ' failures' : ` of ${grouped(attempts)}`} ${until}`
  if (rate === null) return all
  return `${percent(rate)}${baseline === null ? '' : `, usually ${percent(baseline)}`}; ${all}`
}

export const count = (n: number, noun: string) => `${n === 1 ? 'one' : n} ${noun}${n === 1 ? '' : 's'}`

export const sentence = (text: string) =>
  text.charAt(0).toUpperCase() + text.slice(1) + (text === '' || /[.!?]$/.test(text) ? '' : '.')
