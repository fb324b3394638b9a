import type { CounterRow } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const WARM_UP = 3
const MEASURED = 10
/** From here on one provider defers half of what two IPs send. */
const TROUBLE = WARM_UP + 3
const PROVIDERS = ['gmail', 'microsoft', 'yahoo', 'apple']

function minuteOf(slices: number, at: number): CounterRow[] {
  return Array.from({ length: slices }, (_, i) => {
    const slice = { ip: `10.${i >> 18}.${(i >> 10) & 255}.${(i >> 2) & 255}`, provider: PROVIDERS[i % 4]! }
    const isTrouble = at >= TROUBLE && i < 8 && slice.provider === 'gmail'
    const deferred = isTrouble ? 20 : (i + at) % 8 === 0 ? 1 : 0
    return [
      row(at, 40 - deferred, { slice }),
      ...(deferred > 0 ? [row(at, deferred, { slice, outcome: 'deferred', reply: reply() })] : []),
    ]
  }).flat()
}

/** The whole watch on PostgreSQL, every slice with mail in every minute: read the counters, detect, localise, write. */
export async function bench(print: (line: string) => void): Promise<void> {
  const server = await startPostgres({ durable: true })
  try {
    for (const slices of [1_000, 10_000, 100_000]) {
      const { store } = await openStore({ databaseUrl: await server.create(`watch_${slices}`) })
      const harness = createWatchHarness(store)
      const times: number[] = []
      for (let at = 0; at < WARM_UP + MEASURED; at++) {
        const window = { from: minute(at), to: minute(at + 1) }
        await store.counters.replaceWindow('mailgun', window, minuteOf(slices, at), { at: window.to, nextReadAt: null })
        const started = performance.now()
        await harness.watch(at + 1)
        if (at >= WARM_UP) times.push(performance.now() - started)
      }
      const open = await harness.incidents()
      await store.close()
      const sorted = times.toSorted((a, b) => a - b)
      print(
        `PostgreSQL: ${slices.toLocaleString('en')} slices: ${Math.round(sorted[MEASURED / 2]!)} ms a minute, worst ${Math.round(sorted.at(-1)!)} ms; ${open.length} incident open`,
      )
    }
  } finally {
    await server.stop()
  }
}
