import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import { createWatch, type SourceMinute } from '../../src/detect/detector.ts'
import { REACH } from '../../src/detect/state/checkpoints.ts'
import type { MinuteCount, Slice } from '../../src/detect/state/slice.ts'
import { extentOf } from '../../src/incident/scope-text.ts'
import { SIGNALS } from '../../src/smtp/causes.ts'

const START = Date.UTC(2026, 0, 5)
const WARM_UP = 62
const MEASURED = 30

/** What is read again for the last time is so old. */
const LATE = 35

/** As many troubles as an installation has had open at once, on a bad day. */
const TROUBLES = 73

/** The detector's minute, all six signals, every slice with mail in every minute, one thread. */
export async function bench(print: (line: string) => void): Promise<void> {
  for (const size of [2_000, 10_000]) {
    const { quiet, troubled, open } = measureTroubled(size)
    print(
      `watch ${size.toLocaleString('en')} slices with ${open} findings: ${troubled.toFixed(1)} ms a minute, ${(troubled / quiet).toFixed(1)} times a quiet one (${quiet.toFixed(1)} ms)`,
    )
  }
  for (const size of [1_000, 10_000, 100_000]) {
    const { prompt, late, megabytes } = measure(size)
    print(
      `watch ${size.toLocaleString('en')} slices x ${SIGNALS.length} signals: ${prompt} ms a minute, ${late} ms with news of ${LATE} minutes ago, ${Math.round(megabytes)} MiB of state`,
    )
  }
}

function measure(size: number): { prompt: string; late: string; megabytes: number } {
  globalThis.gc?.()
  const slices = slicesOf(size)
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  const watch = createWatch({ ...REACH, falseAlarms: DEFAULT_BUDGET, wordScope: extentOf })
  const advance = (minute: number, changes: SourceMinute[]) => {
    const started = performance.now()
    watch.advance(new Date(START + minute * 60_000), changes)
    return performance.now() - started
  }
  const prompt: number[] = []
  const late: number[] = []
  for (let minute = 0; minute < WARM_UP + 2 * MEASURED; minute++) {
    const news = minuteOf(slices, minute)
    if (minute < WARM_UP) advance(minute, news)
    else if (minute < WARM_UP + MEASURED) prompt.push(advance(minute, news))
    else late.push(advance(minute, [...news, minuteOf(slices, minute - LATE)[0]!]))
  }
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { prompt: spread(prompt), late: spread(late), megabytes: (heapUsed + arrayBuffers - before) / 2 ** 20 }
}

/** Two hours without trouble, then an hour in which every so many slices fail: the median minute of each. */
function measureTroubled(size: number): { quiet: number; troubled: number; open: number } {
  const slices = slicesOf(size)
  const watch = createWatch({ ...REACH, falseAlarms: DEFAULT_BUDGET, wordScope: extentOf })
  const step = Math.floor(size / TROUBLES)
  const isIll = (i: number) => i % step === 0 && i / step < TROUBLES
  let open = 0
  const advance = (minute: number, news: SourceMinute[]) => {
    const started = performance.now()
    open = watch.advance(new Date(START + minute * 60_000), news).length
    return performance.now() - started
  }
  const times = Array.from({ length: 180 }, (_, minute) => {
    const news = minuteOf(slices, minute, minute < 120 ? () => false : isIll)
    return advance(minute, news)
  })
  return { quiet: median(times.slice(WARM_UP, 120)), troubled: median(times.slice(130)), open }
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

function spread(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return `${sorted[Math.floor(sorted.length / 2)]!.toFixed(1)} (worst ${sorted.at(-1)!.toFixed(1)})`
}

function slicesOf(size: number): Slice[] {
  return Array.from({ length: size }, (_, i) => ({
    source: `esp-${i % 5}`,
    provider: `provider-${Math.floor(i / 5) % 20}`,
    ip: `198.51.100.${Math.floor(i / 100) % 200}`,
    senderDomain: `mail-${Math.floor(i / 20_000)}.example`,
    campaign: '',
  }))
}

/** A repeatable mix: about one slice in eight has a failure of some signal. */
function minuteOf(slices: readonly Slice[], minute: number, isIll = (_: number) => false): SourceMinute[] {
  const bySource = new Map<string, MinuteCount[]>()
  for (const [i, slice] of slices.entries()) {
    const hash = ((i * 2_654_435_761) ^ (minute * 40_503)) >>> 0
    const signal = SIGNALS[hash % SIGNALS.length]!
    const counts = bySource.get(slice.source) ?? []
    const attempts = 1 + (hash % 40)
    const failures = isIll(i) ? { throttling: Math.ceil(attempts / 2) } : (hash >>> 8) % 8 === 0 ? { [signal]: 1 } : {}
    counts.push({ slice, attempts, failures })
    bySource.set(slice.source, counts)
  }
  return [...bySource].map(([source, counts]) => ({ minute: new Date(START + minute * 60_000), source, counts }))
}
