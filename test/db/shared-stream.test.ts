import { afterEach, describe, expect, it } from 'vitest'
import { ses } from '../../adapters/esp/ses/index.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Batch, StreamSource } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { startFollowing, until } from '../support/following.ts'
import { sqsKeys, startSqs } from '../support/sqs-server.ts'
import { sesDelivery } from '../support/sqs-ses-events.ts'
import { freshPostgres } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { streamContext } from '../support/stream-context.ts'

const REPLICAS = [0, 1]
const ROUND = 40

describe('a stream that several replicas share', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function openStores(): Promise<Store[]> {
    const { options, drop } = await freshPostgres({ empty: false })
    ends.push(drop)
    return Promise.all(
      REPLICAS.map(async () => {
        const { store } = await openStore(options)
        ends.push(store.close)
        return store
      }),
    )
  }

  it('is counted exactly, though messages come twice and to any of them', async () => {
    const stores = await openStores()
    const server = await startSqs()
    ends.push(server.stop)
    const queue = await server.createQueue()
    const at = new Date(Math.floor(Date.now() / 60_000) * 60_000)
    const took = REPLICAS.map(() => 0)
    const reads = REPLICAS.map(() => 0)
    for (const replica of REPLICAS) {
      const source = ses.open(
        ses.config.parse({ queueUrl: queue.url, region: 'us-east-1', ...sqsKeys() }),
        streamContext(),
      )
      if (source.kind !== 'stream') throw new Error('SES is a stream')
      const counted = noting(source, ({ observations }) => {
        reads[replica] = reads[replica]! + 1
        took[replica] = took[replica]! + observations.length
      })
      ends.push(startFollowing(stores[replica]!, 'ses', counted, () => new Date()))
    }
    await until(() => reads.every((n) => n > 0))
    let sent = 0
    while (took.some((n) => n === 0)) {
      for (let i = 0; i < ROUND; i++, sent++) {
        const event = sesDelivery({ messageId: `m-${sent}`, recipients: [`person${sent}@gmail.com`], at })
        for (const body of [event, event]) await queue.send(JSON.stringify(body))
      }
      await until(() => took[0]! + took[1]! >= 2 * sent)
    }
    await until(async () => (await queue.length()) === 0)
    const rows = await stores[0]!.counters.read(
      { from: new Date(at.getTime() - 60_000), to: new Date(at.getTime() + 60_000) },
      'ses',
    )
    expect(rows.reduce((sum, { n }) => sum + n, 0)).toBe(sent)
  })

  it('is well while one of them can read it, and fails when none can', async () => {
    const [first, second] = await openStores()
    let now = minute(0)
    let tries = 0
    const failing: StreamSource = {
      kind: 'stream',
      isShared: true,
      ping: async () => {},
      run: async () => {
        tries++
        throw new Unavailable('this machine has no network')
      },
    }
    await first!.counters.addEvents('queue', [], { at: now })
    await first!.sources.ok('queue', 'test', now, null)
    ends.push(startFollowing(second!, 'queue', failing, () => now))
    await until(() => tries >= 3)
    expect(await first!.sources.health()).toMatchObject([{ problem: null, failingSince: null }])
    now = minute(2)
    await until(async () => (await first!.sources.health())[0]!.problem !== null)
    expect(await first!.sources.health()).toMatchObject([
      { problem: 'this machine has no network', failingSince: minute(2) },
    ])
  })
})

const noting = (source: StreamSource, note: (batch: Batch) => void): StreamSource => ({
  ...source,
  run: ({ position, deliver }, signal) =>
    source.run(
      {
        position,
        deliver: async (batch) => {
          await deliver(batch)
          note(batch)
        },
      },
      signal,
    ),
})
