import type { Slice } from '../detect/state/slice.ts'
import { SIGNALS, type Signal } from '../smtp/causes.ts'
import { DAY_MS, HOUR_MS } from '../time/units.ts'

type SilencePattern = Partial<Slice> & { signal?: Signal }

/** What is asked for with `/smtp ...`. What is no command is a question to the lookup. */
export type Command =
  | { kind: 'help' | 'new' | 'silences' }
  | { kind: 'status'; isDetailed: boolean }
  /** `ms`: how far back, where it was said. */
  | { kind: 'incidents'; ms?: number }
  | { kind: 'incident' | 'unsilence'; id: string }
  | { kind: 'acknowledge' | 'unsnooze'; id: string }
  | { kind: 'snooze'; id: string; ms: number }
  | { kind: 'silence'; where: SilencePattern; ms: number; reason: string }
  | { kind: 'replay'; ms: number }
  | { kind: 'lookup'; query: string }
  /** A command with something missing or wrong in it: how it goes. */
  | { kind: 'misuse'; problem: string; usage: string }

const UNITS: Record<string, number> = { m: 60_000, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }
const LONGEST_MS = 90 * DAY_MS
const LONGEST_REASON = 200
const DIMENSIONS = ['source', 'provider', 'ip', 'senderDomain', 'campaign', 'signal'] as const

/** "30m", "4h", "7 days" in milliseconds; null for anything else, for nothing and for more than 90 days. */
export function parseDuration(text: string): number | null {
  const [, n = '', unit = ''] = /^(\d{1,5})\s?(m|h|d|w)(?:in|ins|inutes?|ours?|ays?|eeks?)?$/i.exec(text.trim()) ?? []
  const ms = Number(n) * (UNITS[unit.toLowerCase()] ?? 0)
  return ms > 0 && ms <= LONGEST_MS ? ms : null
}

export function parseCommand(text: string): Command {
  const trimmed = text.trim()
  const [first = '', ...words] = trimmed.split(/\s+/)
  const [id = ''] = words
  switch (first.toLowerCase()) {
    case '':
    case 'help':
    case '?':
      return { kind: 'help' }
    case 'incidents':
      return incidents(words)
    case 'status':
      if (words.length === 0) return { kind: 'status', isDetailed: false }
      return /^details?$/i.test(words.join(' '))
        ? { kind: 'status', isDetailed: true }
        : { kind: 'lookup', query: trimmed }
    case 'new':
    case 'silences':
      return words.length === 0
        ? { kind: first.toLowerCase() as 'new' | 'silences' }
        : { kind: 'lookup', query: trimmed }
    case 'incident':
      return id ? { kind: 'incident', id } : missing('incident ID')
    case 'unsnooze':
      return id ? { kind: 'unsnooze', id } : missing('unsnooze ID')
    case 'ack':
    case 'acknowledge':
      return id ? { kind: 'acknowledge', id } : missing('ack ID')
    case 'snooze':
      return snooze(words)
    case 'silence':
      return silence(words)
    case 'unsilence':
      return id ? { kind: 'unsilence', id } : missing('unsilence NUMBER')
    case 'replay':
      return replay(words)
    default:
      return { kind: 'lookup', query: trimmed }
  }
}

const missing = (usage: string): Command => ({
  kind: 'misuse',
  problem: 'Say which one.',
  usage: `/smtp ${usage}, with an ID from /smtp incidents`,
})

/** `incidents`, `incidents last 30d`, `incidents 30 days` */
function incidents(words: string[]): Command {
  if (words.length === 0) return { kind: 'incidents' }
  const period = words.filter((word) => word.toLowerCase() !== 'last').join(' ')
  const ms = parseDuration(period)
  if (ms !== null) return { kind: 'incidents', ms }
  return {
    kind: 'misuse',
    problem: `"${period}" is not a duration of up to 90 days.`,
    usage: '/smtp incidents last 30d',
  }
}

function snooze([id = '', ...rest]: string[]): Command {
  const usage = '/smtp snooze ID 4h'
  if (!id) return { kind: 'misuse', problem: 'Say which one.', usage }
  const ms = rest.length === 0 ? HOUR_MS : parseDuration(rest.join(' '))
  if (ms === null) return { kind: 'misuse', problem: `"${rest.join(' ')}" is not a duration of up to 90 days.`, usage }
  return { kind: 'snooze', id, ms }
}

function replay(words: string[]): Command {
  const period = words.filter((word) => word.toLowerCase() !== 'last').join(' ')
  const ms = period === '' ? 7 * DAY_MS : parseDuration(period)
  if (ms !== null) return { kind: 'replay', ms }
  return { kind: 'misuse', problem: `"${period}" is not a duration of up to 90 days.`, usage: '/smtp replay last 7d' }
}

/** `provider=yahoo ip=198.51.100.7 4h warming up the IP` */
function silence(words: string[]): Command {
  const usage = '/smtp silence provider=yahoo ip=198.51.100.7 4h and a reason'
  const misuse = (problem: string): Command => ({ kind: 'misuse', problem, usage })
  const where: SilencePattern = {}
  let next = 0
  for (; words[next]?.includes('='); next++) {
    const [name = '', value = ''] = words[next]!.split('=', 2)
    const dimension = DIMENSIONS.find((known) => known.toLowerCase() === name.toLowerCase())
    if (!dimension || !value) return misuse(`"${words[next]}" is not one of ${DIMENSIONS.join(', ')}.`)
    if (dimension !== 'signal') where[dimension] = value
    else if (isSignal(value)) where.signal = value
    else return misuse(`"${value}" is not one of the signals ${SIGNALS.join(', ')}.`)
  }
  if (next === 0) return misuse('Say what to silence.')
  const ms = parseDuration(words[next] ?? '')
  if (ms === null) return misuse('Say for how long, up to 90 days.')
  const reason = words.slice(next + 1).join(' ')
  if (reason.length > LONGEST_REASON) {
    return misuse(`The reason has ${reason.length} characters; at most ${LONGEST_REASON} fit on a card.`)
  }
  return reason ? { kind: 'silence', where, ms, reason } : misuse('Give a reason, so that others know why.')
}

const isSignal = (value: string): value is Signal => (SIGNALS as readonly string[]).includes(value)
