import type { Finding } from '../detect/finding.ts'
import type { Slice, SlicePattern } from '../detect/state/slice.ts'

/** Every dimension of a slice, coarsest first. */
export const DIMENSIONS = ['source', 'provider', 'ip', 'senderDomain', 'campaign'] as const

export const patternKey = (pattern: SlicePattern) => DIMENSIONS.map((name) => pattern[name] ?? '*').join('|')

/** True where `broad` holds for everything that `narrow` holds for. */
export const contains = (broad: SlicePattern, narrow: SlicePattern) =>
  DIMENSIONS.every((name) => broad[name] === undefined || broad[name] === narrow[name])

/** Troubles of one kind: only these can be the same trouble. */
export const kindKey = (trouble: Pick<Finding, 'signal'> & { rule?: string | null }) =>
  `${trouble.rule ?? ''}|${trouble.signal}`

export const fingerprint = (finding: Finding) => `${kindKey(finding)}|${patternKey(finding.where)}`

/** The share of slices that two sets have in common, 0 to 1 (Jaccard). */
export function overlap(some: readonly Slice[], others: readonly Slice[]): number {
  const keys = new Set(some.map(patternKey))
  const common = others.filter((slice) => keys.has(patternKey(slice))).length
  return common === 0 ? 0 : common / (keys.size + others.length - common)
}

/** Eight characters that people can type. The same trouble opened in the same minute has the same id, live or replayed. */
export function incidentId(print: string, openedAt: Date): string {
  const minute = Math.floor(openedAt.getTime() / 60_000)
  return fnv1a(`${print}@${minute}`).toString(32).padStart(13, '0').slice(-8)
}

// FNV-1a, 64 bits (RFC 9923).
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}
