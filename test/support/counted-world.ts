import type { SourceMinute } from '../../src/detect/detector.ts'
import type { MinuteCount, Slice } from '../../src/detect/state/slice.ts'
import { SIGNALS, type Signal } from '../../src/smtp/causes.ts'

/** Two hours before midnight, when the detector calibrates. */
const START = Date.UTC(2026, 0, 5, 22)
export const at = (minute: number): Date => new Date(START + minute * 60_000)

const PROVIDERS = ['gmail', 'yahoo', 'microsoft']
const IPS = ['198.51.100.1', '198.51.100.2']

/** Numbers from 0 to 1 by a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Trouble {
  from: number
  to: number
  share: number
  signal: Signal
  hits(slice: Slice): boolean
}

/** Restless mail of two sources, whose slices begin at different times, with a trouble or three: one change per source and minute. */
export function countedWorld(seed: number, minutes: number, ips: readonly string[] = IPS): SourceMinute[] {
  const random = randomOf(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const streams = ['a', 'b'].flatMap((source) =>
    ips.flatMap((ip) =>
      PROVIDERS.map((provider) => ({
        slice: { source, provider, ip: `${ip}${source}`, senderDomain: 'mail.example', campaign: '' },
        begins: random() < 0.6 ? 0 : Math.floor(random() * minutes),
        perMinute: 1 + Math.floor(random() ** 2 * 60),
      })),
    ),
  )
  const troubles = Array.from({ length: 1 + Math.floor(random() * 3) }, (): Trouble => {
    const from = Math.floor(minutes * (0.2 + 0.6 * random()))
    const place = pick(streams).slice
    const dim = pick(['provider', 'ip', 'source'] as const)
    const signal = pick(['throttling', 'blocking', 'list'] as const)
    const to = from + 20 + Math.floor(random() * 120)
    return { from, to, share: 0.3 + 0.6 * random(), signal, hits: (slice) => slice[dim] === place[dim] }
  })
  const failuresOf = (slice: Slice, minute: number, attempts: number): MinuteCount['failures'] => {
    const failures: MinuteCount['failures'] = {}
    for (const { from, to, share, signal, hits } of troubles) {
      if (minute >= from && minute < to && hits(slice)) failures[signal] = Math.round(share * random() * 1.3 * attempts)
    }
    if (random() < 0.1) failures[pick(SIGNALS)] = Math.ceil(random() * 0.1 * attempts)
    return failures
  }
  return Array.from({ length: minutes }, (_, minute) =>
    ['a', 'b'].map((source) => ({
      minute: at(minute),
      source,
      counts: streams
        .filter(({ slice, begins }) => slice.source === source && begins <= minute)
        .flatMap(({ slice, perMinute }): MinuteCount[] => {
          const attempts = Math.round(2 * perMinute * random())
          return attempts === 0 ? [] : [{ slice, attempts, failures: failuresOf(slice, minute, attempts) }]
        }),
    })),
  ).flat()
}
