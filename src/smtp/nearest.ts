import leven from 'leven'
import type { Catalogue, Entry } from './catalogue.ts'

/** The codes that most people mean. */
const USUAL = ['550', '421', '554', '450', '552', '250', '451', '452', '553', '501', '535', '530']

/** What stands for a code that nobody registered: codes one digit off, of the same first digit where there are any. */
export function nearestCode(code: string, catalogue: Catalogue): { entries: Entry[]; why: string } | null {
  const first = code.slice(0, 1)
  const near = catalogue.entries
    .filter(({ kind, id }) => kind === 'code' && differing(id, code) === 1)
    .sort((a, b) => cost(a, code) - cost(b, code))
    .slice(0, 3)
  const [best] = near
  if (!best) return null
  const rule = MEANINGS[first] ? ` Whoever gets it goes by its first digit (RFC 5321, 4.2.1): ${MEANINGS[first]}.` : ''
  return { entries: near, why: `${code} is in no standard and not known from practice. Nearest is ${best.id}.${rule}` }
}

const MEANINGS: Record<string, string> = { 2: 'success', 3: 'go on', 4: 'a failure for now', 5: 'a failure for good' }

const differing = (a: string, b: string) => [...a].filter((digit, place) => digit !== b[place]).length

/** The first digit carries the meaning, so a slip there is less likely taken; then what is usual comes first. */
function cost({ id }: Entry, code: string): number {
  const usual = USUAL.indexOf(id)
  return (id[0] === code[0] ? 0 : 100) + (usual < 0 ? USUAL.length : usual)
}

/**
 * The key that differs least from what was typed, by at most one letter in four; null where none is that near.
 * A key that begins with it is nearer than any other.
 */
export function nearestKey(typed: string, catalogue: Catalogue): string | null {
  if (typed.length < 3 || typed.length > 40) return null
  const begun = catalogue.keys.find((key) => key.startsWith(typed))
  if (begun) return begun
  const most = Math.max(1, Math.floor(typed.length / 4))
  let best: { key: string; distance: number } | null = null
  for (const key of catalogue.keys) {
    if (Math.abs(key.length - typed.length) > most || /^[\d.]+$/.test(key)) continue
    const distance = leven(typed, key, { maxDistance: most + 1 })
    if (distance <= most && (best === null || distance < best.distance)) best = { key, distance }
  }
  return best?.key ?? null
}
