import { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertRuleSchema } from '../../src/alert-rules/rule-schema.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import type { CounterRow, Store } from '../../src/ports/store/index.ts'
import { readCounts } from '../../src/replay/counts-file.ts'
import { eventOf } from '../../src/replay/event.ts'
import { endOfHistory, printReplay, type ReplayRun, storedCounts } from '../../src/replay/replay.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, row } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const { classifier } = loadKnowledge([])
const THROTTLED = '421 4.7.28 Our system has detected an unusual rate of unsolicited mail'
const BLOCKED = '550 5.7.1 Message rejected: 192.0.2.2 is on our block list'
const LATE = 25
/** The watch looks at every minute from here on; the troubles begin at 120, and the last of them is resolved by 280. */
const START = 100
const END = 300

/** What one slice sent in one minute, and what was known of it at `seen`, its minute unless it came late. */
interface Line {
  at: number
  seen: number
  provider: string
  ip: string
  attempted: number
  replies: Record<string, number>
}

/**
 * Two IPs at three providers: Gmail slows one of them, later it is blocked everywhere. Of the failures some are told only
 * when their minute is read again, and of some minutes nothing is told until then.
 */
function history(isLate: boolean): Line[] {
  const lines: Line[] = []
  for (let at = 0; at < END; at++) {
    for (const [i, ip] of ['192.0.2.1', '192.0.2.2'].entries()) {
      for (const [p, provider] of ['gmail', 'yahoo', 'microsoft'].entries()) {
        const isSlowed = provider === 'gmail' && i === 0 && at >= 120 && at < 180
        const isBlocked = i === 1 && at >= 170 && at < 230
        const share = isSlowed ? 0.5 : isBlocked ? 0.7 : (at + 7 * p + 3 * i) % 30 === 0 ? 0.05 : 0
        const attempted = 30 + ((at * 7 + p * 11 + i * 5) % 20)
        const failed = Math.round(share * attempted)
        const reply = isBlocked ? BLOCKED : THROTTLED
        const line = { at, seen: at, provider, ip, attempted, replies: failed > 0 ? { [reply]: failed } : {} }
        const later = Math.floor(failed / 3)
        if (isLate && at % 10 === 3) lines.push({ ...line, seen: at + LATE })
        else if (isLate && later > 0) {
          lines.push({ ...line, attempted: attempted - later, replies: { [reply]: failed - later } })
          lines.push({ ...line, seen: at + LATE, attempted: later, replies: { [reply]: later } })
        } else lines.push(line)
      }
    }
  }
  return lines.filter(({ seen }) => seen < END).sort((a, b) => a.seen - b.seen)
}

function rowsOf({ at, provider, ip, attempted, replies }: Line): CounterRow[] {
  const slice = { provider, ip }
  const failed = Object.values(replies).reduce((sum, n) => sum + n, 0)
  const failures = Object.entries(replies).map(([text, n]) => {
    const { code, enhanced, ...parsed } = parseReply(text)
    const { cause, signal, template, retry, rule, named } = classifier.classify({ code, enhanced, ...parsed }, provider)
    return row(at, n, {
      slice,
      outcome: 'bounced',
      reply: { template, provider, code, enhanced, cause, signal, retry, rule, named },
    })
  })
  return [row(at, attempted - failed, { slice }), ...failures].filter(({ n }) => n > 0)
}

const toJson = ({ at, seen, provider, ip, attempted, replies }: Line) =>
  `${JSON.stringify({ at: minute(at), seen: minute(seen), source: 'mailgun', provider, ip, senderDomain: 'shop.example', attempted, replies })}\n`

async function printed(run: Omit<ReplayRun, 'falseAlarms' | 'onProgress'>): Promise<string> {
  let text = ''
  const output = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  await printReplay({ ...run, falseAlarms: DEFAULT_BUDGET }, { summary: false, output, progress: null })
  return text
}

describe.each(DATABASE_KINDS)('replay on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let told: string

  beforeEach(async () => {
    told = ''
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  /** The store, which notes each transition of the watch as the line that replay would print. */
  const noting = (): Store => {
    let before: Incident[] = []
    const { incidents } = store
    return {
      ...store,
      incidents: {
        ...incidents,
        current: async (since) => {
          before = await incidents.current(since)
          return before
        },
        commit: async (changes) => {
          const refused = await incidents.commit(changes)
          for (const change of changes) {
            const at = change.incident.updatedAt
            for (const event of eventOf(change, before, at)) told += `${JSON.stringify(event)}\n`
          }
          return refused
        },
      },
    }
  }

  interface Life {
    rules?: Parameters<typeof createWatchHarness>[2]
    restartAt?: number
    end?: number
  }

  /** Lives through the history: each minute is read when it is over, and again when there is news of it. */
  async function live(lines: readonly Line[], { rules = [], restartAt = -1, end = END }: Life = {}) {
    const harness = createWatchHarness(noting(), 'mailgun', rules)
    const known = new Map<number, Line[]>()
    for (let now = 0; now < end; now++) {
      const news = Map.groupBy(
        lines.filter(({ seen }) => seen === now),
        ({ at }) => at,
      )
      for (const [at, fresh] of [...news].sort(([a], [b]) => a - b)) {
        known.set(at, [...(known.get(at) ?? []), ...fresh])
        const window = { from: minute(at), to: minute(at + 1) }
        const ledger = { at: minute(now + 1), nextReadAt: null }
        await store.counters.replaceWindow('mailgun', window, known.get(at)!.flatMap(rowsOf), ledger)
      }
      if (now === restartAt) harness.restart()
      if (now >= START) await harness.watch(now + 1)
    }
  }

  const events = () => told.split('\n').map((line) => line.slice(0, 20))

  it('prints over the stored history, to the byte, what the watch told while it happened', async () => {
    const rules = [alertRuleSchema.parse({ name: 'blocks', when: { signal: 'blocking' }, count: '> 200/10m' })]
    await live(history(false), { rules, restartAt: 200 })
    const minutes = storedCounts(store, { from: minute(0), to: minute(END) }, () => true)
    expect(await printed({ minutes, rules })).toBe(told)
    expect(new Set(events())).toEqual(
      new Set(['{"event":"opened","a', '{"event":"updated","', '{"event":"resolved",', '']),
    )
  })

  it('reaches to the last event where the clock that it was stored by is ahead', async () => {
    const now = minute(-10_000)
    expect(await endOfHistory(store, now)).toEqual(now)
    const end = 140
    await live(history(false), { end })
    await store.sources.ok('mailgun', 'mailgun', minute(end), minute(end - 1))
    const to = await endOfHistory(store, now)
    expect(to).toEqual(minute(end))
    expect(await endOfHistory(store, minute(end + 5))).toEqual(minute(end + 5))
    const days = 86_400_000
    expect(
      await printed({ minutes: storedCounts(store, { from: new Date(to.getTime() - days), to }, () => true) }),
    ).toContain('"opened"')
    expect(
      await printed({ minutes: storedCounts(store, { from: new Date(now.getTime() - days), to: now }, () => true) }),
    ).toBe('')
  })

  it('prints over counts that came late, to the byte, what the watch told while they came', async () => {
    const lines = history(true)
    await live(lines, { restartAt: 190 })
    const minutes = readCounts(Readable.from(lines.map(toJson)), classifier, 'counts')
    expect(await printed({ minutes })).toBe(told)
    expect(events().filter((event) => event.startsWith('{"event":"opened"')).length).toBeGreaterThan(1)
  })
})
