/** The codes and providers for which a rule is asked, or null for any. */
export type Conditions = {
  /** Pairs of [lowest, highest] reply codes. */
  codes: number[]
  /** Class, subject (-1 is any), lowest and highest detail. */
  statuses: number[]
  at: readonly string[]
} | null

export function conditionsOf(rule: {
  code: readonly string[]
  enhanced: readonly string[]
  at: readonly string[]
}): Conditions {
  if (rule.code.length + rule.enhanced.length + rule.at.length === 0) return null
  return { codes: rule.code.flatMap(codeRange), statuses: rule.enhanced.flatMap(statusPattern), at: rule.at }
}

/** An enhanced status code as one number (class, subject and detail in ten bits each), or -1. */
export function readEnhanced(enhanced: string | null): number {
  if (enhanced === null) return -1
  let status = 0
  let part = 0
  for (let at = 0; at < enhanced.length; at++) {
    const c = enhanced.charCodeAt(at)
    if (c === 46) {
      status = (status << 10) | part
      part = 0
    } else part = 10 * part + c - 48
  }
  return (status << 10) | part
}

/** `sender` is the recipient's provider as the caller knows it, `speaker` as the text tells. */
export function holds(
  conditions: NonNullable<Conditions>,
  code: number,
  status: number,
  sender: string,
  speaker: string,
): boolean {
  const { codes, statuses, at } = conditions
  if (at.length > 0 && !at.includes(sender) && !at.includes(speaker)) return false
  return (codes.length === 0 || within(codes, code)) && (statuses.length === 0 || matches(statuses, status))
}

function within(ranges: readonly number[], code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i]! && code <= ranges[i + 1]!) return true
  return false
}

function matches(patterns: readonly number[], status: number): boolean {
  if (status < 0) return false
  for (let i = 0; i < patterns.length; i += 4) {
    const [kind, subject, low, high] = [patterns[i]!, patterns[i + 1]!, patterns[i + 2]!, patterns[i + 3]!]
    if (kind >= 0 && kind !== status >> 20) continue
    if (subject >= 0 && subject !== ((status >> 10) & 1023)) continue
    if ((status & 1023) >= low && (status & 1023) <= high) return true
  }
  return false
}

function codeRange(text: string): number[] {
  if (/^[2-5]xx$/.test(text)) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99]
  if (/^[2-5]\dx$/.test(text)) return [Number(text.slice(0, 2)) * 10, Number(text.slice(0, 2)) * 10 + 9]
  if (/^[2-5]\d\d$/.test(text)) return [Number(text), Number(text)]
  if (text === 'none') return [0, 0]
  throw new Error(`"${text}" is no reply code: write 550, 55x, 5xx or none`)
}

/** `5.7.1`, `x.7.1`, `x.7.x`, `5.7.600-649` -> class, subject, lowest and highest detail. */
function statusPattern(text: string): number[] {
  const [, kind, subject, low, high] = /^([245x])\.(\d{1,2}|x)\.(?:(\d{1,3})(?:-(\d{1,3}))?|x)$/.exec(text) ?? []
  if (kind === undefined || subject === undefined)
    throw new Error(`"${text}" is no enhanced status code: write 5.7.1, x.7.1, x.7.x or 5.7.600-649`)
  const any = (part: string) => (part === 'x' ? -1 : Number(part))
  return [
    any(kind),
    any(subject),
    low === undefined ? 0 : Number(low),
    high === undefined ? (low === undefined ? 999 : Number(low)) : Number(high),
  ]
}
