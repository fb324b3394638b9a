import { afterEach, describe, expect, it, vi } from 'vitest'
import { type AppOptions, createApp, type OpenSource } from '../../src/app.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { EspFacts, Observation, StreamSource, Window, WindowSource } from '../../src/ports/esp.ts'
import { openStore } from '../../src/store/index.ts'
import { createRecordingChat } from '../support/recording-chat.ts'
import { freshPglite } from '../support/store-databases.ts'
import { blindIncident } from '../support/store-incident.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const FACTS: EspFacts = {
  name: 'Test',
  text: 'verbatim',
  deferrals: true,
  deliveries: true,
  sendingIp: true,
  rereadAfterMinutes: [],
  docs: 'https://esp.example/',
}
/** No tick comes within a test: what happens, happens because of the start or of what was done. */
const RARELY_SECONDS = 82_800
const PATIENCE = { timeout: 200_000, interval: 50 }
const HOUR_MS = 3_600_000

const delivery = (id: string, at: Date): Observation => ({
  kind: 'event',
  id,
  at,
  outcome: 'delivered',
  reply: null,
  to: { domain: 'gmail.com' },
  dims: {},
})

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/** An ESP that is asked about a period, and had one delivery in each hour. */
function hourly(asked: Window[]): WindowSource {
  return {
    kind: 'window',
    ping: async () => {},
    async *pull(window) {
      asked.push(window)
      const first = Math.ceil(window.from.getTime() / HOUR_MS)
      for (let hour = first; hour * HOUR_MS < window.to.getTime(); hour++)
        yield [delivery(`hour ${hour}`, new Date(hour * HOUR_MS))]
    },
  }
}

describe('the app', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function setUp(sources: Record<string, WindowSource | StreamSource>, change: Partial<AppOptions> = {}) {
    const database = await freshPglite()
    ends.push(database.drop)
    const { store, queue } = await openStore(database.options)
    ends.push(store.close)
    const chat = createRecordingChat()
    const timed: string[] = []
    const options: AppOptions = {
      sources: Object.entries(sources).map(([id, source]): OpenSource => ({ id, type: 'test', facts: FACTS, source })),
      chats: [chat.platform],
      inbound: {
        command: async () => ({ card: { title: 'heard', tone: 'info' }, show: 'actor' }),
        action: async () => null,
      },
      store,
      queue,
      clock: systemClock,
      log: createLog({ level: 'silent', format: 'json', color: false }),
      tally: PLAIN_TALLY,
      cards: {
        cardOf: ({ id }) => ({ title: `card of ${id}`, tone: 'critical' }),
        entryCard: ({ says }) => ({ title: says, tone: 'info' }),
        summaryCard: (all) => ({ title: `${all.length} entries`, tone: 'info' }),
      },
      watchForRoom: async () => {},
      watch: async () => {},
      stopWatching: async () => {},
      timed: async (work, run) => {
        const value = await run()
        timed.push(work)
        return value
      },
      tickSeconds: RARELY_SECONDS,
      backfillDays: 1,
      ...change,
    }
    const app = createApp(options)
    let isStopped = false
    const stop = async () => {
      if (!isStopped) await app.stop()
      isStopped = true
    }
    ends.push(stop)
    return { app, stop, store, chat, options, timed }
  }

  const totalOf = async (store: AppOptions['store'], source: string) => {
    const everything = { from: new Date(Date.now() - 72 * HOUR_MS), to: new Date(Date.now() + HOUR_MS) }
    return (await store.counters.read(everything, source)).reduce((sum, { n }) => sum + n, 0)
  }

  it('reads every source that is asked about a period at its start, and looks at what it read', async () => {
    const asked: Window[] = []
    const seen: number[] = []
    const { app, store, timed } = await setUp(
      { 'first account': hourly(asked), 'second account': hourly([]) },
      {
        watch: async () => {
          seen.push(Math.min(await totalOf(store, 'first account'), await totalOf(store, 'second account')))
        },
      },
    )
    await app.start()
    await vi.waitFor(() => expect(seen.at(-1)).toBeGreaterThanOrEqual(24), PATIENCE)
    expect(timed).toContain('poll')
    expect(timed).toContain('watch')
    const longest = Math.max(...asked.map(({ from, to }) => to.getTime() - from.getTime()))
    expect(longest).toBeLessThanOrEqual(6 * HOUR_MS)
    // A day back, counted from the beginning of a day.
    const reach = Date.now() - Math.min(...asked.map(({ from }) => from.getTime()))
    expect(reach).toBeGreaterThanOrEqual(24 * HOUR_MS)
    expect(reach).toBeLessThan(49 * HOUR_MS)
  })

  it('follows a source that is a stream, and stores what it tells before that is acknowledged', async () => {
    let acknowledged: number | null = null
    const { app, store } = await setUp({
      queue: {
        kind: 'stream',
        ping: async () => {},
        run: async ({ position, deliver }, signal) => {
          expect(position).toBeNull()
          await deliver({ observations: [delivery('a', new Date()), delivery('b', new Date())], position: '2' })
          acknowledged = await totalOf(store, 'queue')
          await untilAborted(signal)
        },
      },
    })
    await app.start()
    await vi.waitFor(() => expect(acknowledged).toBe(2), PATIENCE)
    expect(await store.counters.position('queue')).toBe('2')
    expect(await store.sources.health()).toMatchObject([{ source: 'queue', type: 'test', problem: null }])
  })

  it('reads the one while it follows the other', async () => {
    let isFollowing = false
    const { app, store } = await setUp({
      queue: {
        kind: 'stream',
        ping: async () => {},
        run: async (_, signal) => {
          isFollowing = true
          await untilAborted(signal)
        },
      },
      account: hourly([]),
    })
    await app.start()
    await vi.waitFor(async () => expect(await totalOf(store, 'account')).toBeGreaterThanOrEqual(24), PATIENCE)
    await vi.waitFor(() => expect(isFollowing).toBe(true), PATIENCE)
  })

  it('watches without any source that is polled', async () => {
    const watch = vi.fn(async () => {})
    const { app } = await setUp({}, { watch })
    await app.start()
    await vi.waitFor(() => expect(watch).toHaveBeenCalled(), PATIENCE)
  })

  it('looks again as soon as a source was read', async () => {
    const order: string[] = []
    let looked = () => {}
    const firstLook = new Promise<void>((resolve) => {
      looked = resolve
    })
    const { app } = await setUp(
      {
        account: {
          kind: 'window',
          ping: async () => {},
          // The look of the start is over before this has anything to tell.
          async *pull() {
            await firstLook
            order.push('read')
            yield []
          },
        },
      },
      {
        watch: async () => {
          order.push('look')
          looked()
        },
      },
    )
    await app.start()
    await vi.waitFor(() => expect(order.lastIndexOf('look')).toBeGreaterThan(order.lastIndexOf('read')), PATIENCE)
    expect(order.slice(0, 2)).toEqual(['look', 'read'])
  })

  it('lets a source that fails say so, and goes on with the others', async () => {
    const { app, store } = await setUp({
      broken: {
        kind: 'window',
        ping: async () => {},
        // biome-ignore lint/correctness/useYield: it fails before it has anything to tell.
        async *pull() {
          throw new Unavailable('the account does not answer', 'Wait.')
        },
      },
      account: hourly([]),
    })
    await app.start()
    await vi.waitFor(async () => expect(await totalOf(store, 'account')).toBeGreaterThanOrEqual(24), PATIENCE)
    await vi.waitFor(
      async () =>
        expect((await store.sources.health()).find(({ source }) => source === 'broken')).toMatchObject({
          problem: 'the account does not answer',
          remedy: 'Wait.',
        }),
      PATIENCE,
    )
  })

  it('shows an incident in the chat that it is to be told in, with its card, and its history in the thread', async () => {
    const { app, store, chat, timed } = await setUp({})
    await app.start()
    const opened = { at: new Date(), actor: 'bouncebell', what: 'opened', says: 'It began.' } as const
    const incident = blindIncident()
    const deliverTo = [{ platform: 'recorded', channel: 'alerts' }]
    await store.incidents.commit([{ incident, from: 0, audit: [opened], deliverTo }])
    await vi.waitFor(
      () => expect(chat.said).toEqual(['start', 'post alerts card of incident', 'reply incident It began.']),
      PATIENCE,
    )
    const more = { ...opened, what: 'worsened', says: 'It got worse.' } as const
    await store.incidents.commit([{ incident: { ...incident, version: 2 }, from: 1, audit: [more], deliverTo }])
    await vi.waitFor(
      () => expect(chat.said.slice(3)).toEqual(['update incident card of incident', 'reply incident It got worse.']),
      PATIENCE,
    )
    expect(timed).toContain('deliver')
  })

  it('lets people in as soon as it is started, waits for its streams to end, and ends the chats last', async () => {
    const order: string[] = []
    const { app, stop, chat, options } = await setUp({
      queue: {
        kind: 'stream',
        ping: async () => {},
        run: async (_, signal) => {
          order.push('following')
          await untilAborted(signal)
          // What takes a while to end is waited for.
          await systemClock.sleep(300)
          order.push(`ended with the chat ${chat.said.includes('stop') ? 'gone' : 'there'}`)
        },
      },
    })
    await app.start()
    expect(chat.inbound()).toBe(options.inbound)
    await vi.waitFor(() => expect(order).toEqual(['following']), PATIENCE)
    await stop()
    expect(order).toEqual(['following', 'ended with the chat there'])
    expect(chat.said).toEqual(['start', 'stop'])
  })

  it('fails to start where a chat does, instead of running unheard', async () => {
    const chat = createRecordingChat('broken')
    chat.platform.start = async () => {
      throw new Unavailable('the chat does not let it in')
    }
    const { app } = await setUp({}, { chats: [chat.platform] })
    await expect(app.start()).rejects.toThrow('the chat does not let it in')
  })
})
