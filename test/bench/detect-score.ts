import type { SlicePattern } from '../../src/detect/state/slice.ts'
import type { ReplayEvent } from '../../src/replay/event.ts'
import type { Signal } from '../../src/smtp/causes.ts'

/** What really happened, for the judge. Times are minutes of the epoch, `slices` keys by keyOf. */
export interface Truth {
  id: string
  kind: string
  /** Must it be reported? */
  report: boolean
  signal: Signal | null
  slices: string[]
  from: number
  to: number
}

/** What was told: one incident from its opening to its resolution. */
export interface Told {
  signal: Signal
  opened: number
  resolved: number
  /** As it was opened, and as it was known before it was resolved. */
  first: Set<string>
  last: Set<string>
  drift: boolean
}

interface KindScore {
  kind: string
  total: number
  caught: number
  median: number
  p90: number
}

export interface Score {
  kinds: KindScore[]
  caught: number
  /** Per 1000 slice-days: episodes of throttling and blocking where nothing was to be reported; of those, drifts. */
  falseEpisodes: number
  falseDrifts: number
  /** Per trap: how many of how many led to a throttling or blocking incident. */
  traps: { kind: string; total: number; fired: number }[]
  /** Of the caught: told as one incident, with slices of F1 >= 0.9 in the end and at once. */
  single: number
  placed: number
  placedAtOnce: number
  /** Episodes of other signals outside of stale lists, per 1000 slice-days. */
  others: number
}

export const keyOf = ({ source = '', provider = '', ip = '', senderDomain = '' }: SlicePattern): string =>
  [source, provider, ip, senderDomain].join('|')

/** Reads the lines of a replay; each opening of an incident is an episode. */
export function toldOf(events: Iterable<ReplayEvent>): Told[] {
  const all: Told[] = []
  const open = new Map<string, Told>()
  for (const event of events) {
    const minute = Math.floor(Date.parse(event.at) / 60_000)
    const keys = new Set(event.slices.map(keyOf))
    if (event.event === 'opened') {
      const told: Told = {
        signal: event.signal,
        opened: minute,
        resolved: Number.POSITIVE_INFINITY,
        first: keys,
        last: keys,
        drift: event.trigger === 'drift',
      }
      all.push(told)
      open.set(event.incident, told)
      continue
    }
    const told = open.get(event.incident)
    if (!told) continue
    if (event.event === 'resolved') {
      told.resolved = minute
      open.delete(event.incident)
    } else told.last = keys
  }
  return all
}

export const PAGED: readonly Signal[] = ['throttling', 'blocking']
/** After its end an incident may still be told of for so many minutes. */
const GRACE = 120

export function score(truths: readonly Truth[], told: readonly Told[], sliceDays: number): Score {
  const touches = (truth: Truth, keys: Set<string>) => truth.slices.some((slice) => keys.has(slice))
  const isOf = (truth: Truth, each: Told) => touches(truth, each.first) || touches(truth, each.last)
  const real = truths.filter(({ report }) => report)
  const paged = told.filter(({ signal }) => PAGED.includes(signal))
  const falseOnes = paged.filter(
    (each) =>
      !real.some((truth) => each.opened <= truth.to + GRACE && each.resolved >= truth.from && isOf(truth, each)),
  )
  const kinds = [...Map.groupBy(real, ({ kind }) => kind)].map(([kind, ofKind]) => {
    const delays = ofKind.map((truth) => {
      const hits = paged.filter(
        (each) =>
          each.signal === truth.signal && each.opened >= truth.from && each.opened <= truth.to && isOf(truth, each),
      )
      return Math.min(...hits.map(({ opened }) => opened - truth.from))
    })
    return {
      kind,
      total: ofKind.length,
      caught: delays.filter(Number.isFinite).length,
      median: quantile(delays, 0.5),
      p90: quantile(delays, 0.9),
    }
  })
  const pairs = real.flatMap((truth) => {
    const hits = paged.filter(
      (each) =>
        each.signal === truth.signal && each.opened >= truth.from && each.opened <= truth.to + 30 && isOf(truth, each),
    )
    return hits.length > 0 ? [{ truth, hits }] : []
  })
  const count = (test: (pair: (typeof pairs)[number]) => boolean) =>
    pairs.filter(test).length / Math.max(pairs.length, 1)
  const traps = [
    ...Map.groupBy(
      truths.filter(({ report }) => !report),
      ({ kind }) => kind,
    ),
  ].map(([kind, ofKind]) => ({
    kind,
    total: ofKind.length,
    fired: ofKind.filter((truth) =>
      falseOnes.some((each) => each.opened >= truth.from && each.opened <= truth.to + 30 && isOf(truth, each)),
    ).length,
  }))
  const total = kinds.reduce((sum, kind) => sum + kind.total, 0)
  return {
    kinds,
    caught: kinds.reduce((sum, kind) => sum + kind.caught, 0) / Math.max(total, 1),
    falseEpisodes: falseOnes.length / (sliceDays / 1000),
    falseDrifts: falseOnes.filter(({ drift }) => drift).length / (sliceDays / 1000),
    traps,
    single: count(({ hits }) => hits.length === 1),
    placed: count(({ truth, hits }) => f1(truth.slices, hits[0]!.last) >= 0.9),
    placedAtOnce: count(({ truth, hits }) => f1(truth.slices, hits[0]!.first) >= 0.9),
    others:
      told.filter(
        (each) =>
          !PAGED.includes(each.signal) &&
          !truths.some((truth) => each.opened >= truth.from && each.opened <= truth.to + GRACE && isOf(truth, each)),
      ).length /
      (sliceDays / 1000),
  }
}

function f1(truth: readonly string[], told: ReadonlySet<string>): number {
  const right = truth.filter((slice) => told.has(slice)).length
  return (2 * right) / (truth.length + told.size)
}

export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN
}

const delay = (minutes: number) => (Number.isFinite(minutes) ? String(minutes) : '-')

/** The score as cells of a table, one per kind: caught, delay median / p90 in minutes. */
export function scoreRow({ kinds, caught, falseEpisodes }: Score, order: readonly string[]): string[] {
  const cells = order.map((name) => {
    const kind = kinds.find((each) => each.kind === name)
    return kind ? `${Math.round((100 * kind.caught) / kind.total)} % ${delay(kind.median)}/${delay(kind.p90)}` : '-'
  })
  return [...cells, `${Math.round(100 * caught)} %`, falseEpisodes.toFixed(1)]
}

export function scoreText(score: Score): string {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  return [
    ...score.kinds.map(
      ({ kind, total, caught, median, p90 }) =>
        `${kind.padEnd(15)} ${caught}/${total}  delay ${delay(median)}/${delay(p90)} min`,
    ),
    `caught ${percent(score.caught)}; false episodes per 1000 slice-days ${score.falseEpisodes.toFixed(2)} (drifts ${score.falseDrifts.toFixed(2)}), other signals ${score.others.toFixed(2)}`,
    `traps: ${score.traps.map(({ kind, total, fired }) => `${kind} ${fired}/${total}`).join(', ')}`,
    `one incident each ${percent(score.single)}; slices right ${percent(score.placed)}, at once ${percent(score.placedAtOnce)}`,
  ].join('\n')
}
