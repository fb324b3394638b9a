import { describe, expect, it } from 'vitest'
import { mailgun } from '../../adapters/esp/mailgun/index.ts'
import { createMailgunLog } from '../../src/demo/mailgun-log.ts'
import { startMailgunServer } from '../../src/demo/mailgun-server.ts'
import { poll } from '../../src/jobs/poll.ts'
import { createWindowSizes } from '../../src/jobs/window-sizes.ts'
import type { WindowSource } from '../../src/ports/esp.ts'
import { openStore } from '../../src/store/index.ts'
import { espContext } from '../support/esp-context.ts'
import { DATABASE_KINDS, freshDatabase } from '../support/store-databases.ts'
import { totalsOf } from '../support/store-process.ts'
import { BEGIN, entriesOf, KEY } from '../support/store-scene.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const at = (minute: number) => new Date(BEGIN + minute * 60_000)

describe('results that an ESP tells late', () => {
  it.each(DATABASE_KINDS)('change the counters to the exact new truth, and tell which minutes, on %s', async (kind) => {
    const { options, drop } = await freshDatabase(kind)
    const { store } = await openStore(options)
    let now = 0
    const log = createMailgunLog()
    const all = Array.from({ length: 60 }, (_, minute) => entriesOf(0, minute)).flat()
    for (const { entry, visibleFrom } of all) log.add(entry, visibleFrom)
    const server = await startMailgunServer({ key: KEY, log, now: () => at(now) })
    const context = espContext(at(0))
    const clock = { ...context.clock, now: () => at(now) }
    const source = mailgun.open(
      { apiKey: KEY, baseUrl: server.url, region: 'eu', includeSubaccounts: false },
      { ...context, clock },
    ) as WindowSource
    const read = () =>
      poll(
        { name: 'late', type: 'mailgun', facts: mailgun.facts, source },
        {
          store,
          clock,
          log: context.log,
          tally: PLAIN_TALLY,
          backfillDays: 0,
          part: 'news',
          sizes: createWindowSizes(),
        },
        new AbortController().signal,
      )

    /** What can be known when everything was read a moment ago. */
    const truth = () => {
      const totals = new Map<string, number>()
      for (const { entry, visibleFrom } of all) {
        const minute = new Date(Math.floor(Date.parse(entry['@timestamp']) / 60_000) * 60_000)
        if (visibleFrom > at(now) || minute >= at(now)) continue
        const key = `late ${minute.toISOString()} ${entry.event === 'delivered' ? 'delivered' : 'deferred'}`
        totals.set(key, (totals.get(key) ?? 0) + 1)
      }
      return [...totals].map(([key, n]) => `${key} ${n}`).sort()
    }
    const changed = (before: string[], after: string[]) => {
      const minutes = [
        ...before.filter((line) => !after.includes(line)),
        ...after.filter((line) => !before.includes(line)),
      ]
      return [...new Set(minutes.map((line) => line.split(' ')[1]))].sort()
    }

    let stored: string[] = []
    let revision = 0n
    for (const minute of [60, 62, 65, 70, 77, 90, 110]) {
      now = minute
      await read()
      const totals = await totalsOf(store)
      const news = await store.counters.changedSince(revision)
      expect(news.minutes.map(({ minute }) => minute.toISOString()).sort()).toEqual(changed(stored, totals))
      stored = totals
      revision = news.revision
      if (now === 60) expect(totals).toEqual(truth())
    }
    expect(stored).toEqual(truth())
    expect(revision).toBeGreaterThan(1n)
    await store.close()
    await server.close()
    await drop()
  })
})
