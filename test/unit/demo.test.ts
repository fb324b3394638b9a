import { afterEach, describe, expect, test } from 'vitest'
import { espDefinitions } from '../../adapters/esp/index.ts'
import { createDemoClock } from '../../src/demo/clock.ts'
import { type Demo, startDemo } from '../../src/demo/demo.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import { countMinute } from '../../src/detect/counts.ts'
import { createTally } from '../../src/jobs/ingest.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import type { Observation, Window } from '../../src/ports/esp.ts'
import { createReplay } from '../../src/replay/engine.ts'
import type { ReplayEvent } from '../../src/replay/event.ts'
import { espContext, pagesOf } from '../support/esp-context.ts'

const START = new Date('2026-10-05T21:17:31Z')
const BEGAN = Date.parse('2026-10-05T21:17:00Z')
const MINUTE = 60_000
const signal = new AbortController().signal

const running: Demo[] = []
afterEach(async () => {
  for (const demo of running.splice(0)) await demo.stop()
})

async function demoWith(seed: number, speed: number): Promise<Demo> {
  const said: string[] = []
  const log = { ...espContext(START).log, info: (_: object, message: string) => void said.push(message) }
  const demo = await startDemo({ seed, log, start: START, speed })
  running.push(demo)
  return demo
}

/** Read by the adapter and the settings that the demo names, as the application does it. */
async function read({ config, clock }: Demo, fromMinute: number, toMinute: number): Promise<Observation[]> {
  const [{ id: _, type, ...settings }] = config.sources as [Demo['config']['sources'][number]]
  const definition = espDefinitions.find((esp) => esp.id === type)
  const source = definition?.open(definition.config.parse(settings), { ...espContext(START), clock })
  if (source?.kind !== 'window') throw new Error(`${type} is no window source`)
  const window: Window = { from: new Date(BEGAN + fromMinute * MINUTE), to: new Date(BEGAN + toMinute * MINUTE) }
  // Parts of a long period are read side by side, so their pages come in any order.
  return (await pagesOf(source.pull(window, signal))).flat().sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = (it: Observation) => (it.kind === 'event' ? `${it.at.toISOString()} ${it.id}` : it.from.toISOString())

/** The incidents that are opened, through the same reading, counting and watching as live. */
function replayed(observations: readonly Observation[]): ReplayEvent[] {
  const tally = createTally(loadKnowledge([]))
  tally.add(observations)
  const byMinute = Map.groupBy(tally.rows(), ({ minute }) => minute.getTime())
  const replay = createReplay({ falseAlarms: DEFAULT_BUDGET, rules: [] })
  return [...byMinute]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([at, rows]) => {
      const replies = new Map(rows.flatMap(({ reply }, id) => (reply ? [[id, reply]] : [])))
      const results = rows.map(({ reply, ...row }, id) => ({
        ...row,
        slice: { source: 'demo', ...row.slice },
        replyId: reply ? id : null,
      }))
      const minute = new Date(at)
      const counts = countMinute(results, replies, () => true)
      return replay.minute(minute, [{ minute, source: 'demo', counts }])
    })
    .filter(({ event }) => event === 'opened')
}

describe('the demo', () => {
  test('has a quiet week behind it, in which no incident is opened, and one soon after, as it is installed', async () => {
    const demo = await demoWith(1, 6000)
    await read(demo, -1, 0)
    await demo.clock.sleep(60 * MINUTE)
    const observations = await read(demo, -7 * 1440, 60)
    const quiet = observations.filter((it) => it.kind === 'event' && it.at.getTime() < BEGAN)
    expect(quiet.length).toBeGreaterThan(50_000)
    const counts = new Map<string, { all: number; bad: number }>()
    for (const { outcome, dims } of quiet) {
      const key = `${dims.provider} ${dims.ip}`
      const count = counts.get(key) ?? { all: 0, bad: 0 }
      counts.set(key, { all: count.all + 1, bad: count.bad + (outcome === 'delivered' ? 0 : 1) })
    }
    expect(counts.size).toBe(3 * 8)
    // What fails is a few per cent, at every provider and IP.
    expect([...counts].filter(([key, { all, bad }]) => bad / all > (key.startsWith('Other') ? 0.2 : 0.08))).toEqual([])
    const opened = replayed(observations)
    expect(opened.filter(({ at }) => Date.parse(at) < BEGAN)).toEqual([])
    expect(opened).toMatchObject([{ signal: 'throttling', slice: { provider: 'yahoo', ip: '203.0.113.20' } }])
  })

  test('gives the same mail for the same seed, whenever it is read', async () => {
    const [one, two, other] = [await demoWith(3, 600), await demoWith(3, 600), await demoWith(4, 600)]
    const first = await read(one, -120, 0)
    await read(two, -1, 0)
    await two.clock.sleep(30 * MINUTE)
    expect(await read(two, -120, 0)).toEqual(first)
    expect(await read(other, -120, 0)).not.toEqual(first)
  })

  test('then has Yahoo slow down one IP and refuse it, and in the end take its mail again', async () => {
    const demo = await demoWith(1, 6000)
    await read(demo, -1, 0)
    await demo.clock.sleep(200 * MINUTE)
    const share = async (from: number, to: number, says: RegExp) => {
      const hit = (await read(demo, from, to)).filter(
        ({ dims }) => dims.ip === '203.0.113.20' && dims.provider === 'Yahoo',
      )
      return hit.filter(({ reply }) => says.test(reply ?? '')).length / hit.length
    }
    expect(await share(-60, 0, /TSS04/)).toBeLessThan(0.2)
    expect(await share(20, 60, /421 4\.7\.0 \[TSS04\]/)).toBeGreaterThan(0.5)
    expect(await share(70, 120, /553 5\.7\.1 \[BL21\]/)).toBeGreaterThan(0.7)
    expect(await share(140, 190, /BL21/)).toBeLessThan(0.1)
  })

  test('tells no minute before it is over', async () => {
    const demo = await demoWith(1, 60)
    const all = await read(demo, -10, 60)
    const now = demo.clock.now().getTime()
    expect(all.length).toBeGreaterThan(0)
    expect(all.filter((one) => one.kind === 'event' && one.at.getTime() > now)).toEqual([])
  })
})

describe("the demo's clock", () => {
  test('stands at its start until it is set going, then runs faster than the wall', async () => {
    const clock = createDemoClock(START, 100_000)
    await clock.sleep(60_000)
    expect(clock.now()).toEqual(START)
    clock.go()
    clock.go()
    await clock.sleep(60_000)
    expect(clock.now().getTime() - START.getTime()).toBeGreaterThanOrEqual(50_000)
  })

  test('lets its sleepers be woken', async () => {
    const stop = new AbortController()
    const asleep = createDemoClock(START, 1).sleep(1e6, stop.signal)
    stop.abort()
    await expect(asleep).rejects.toThrow()
  })
})
