import { describe, expect, it } from 'vitest'
import { createRoom } from '../../src/jobs/room.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Shortage } from '../../src/ports/store/index.ts'

const SHORT = { problem: 'only 63 MB are free', remedy: 'Free some.', isTotal: false }

describe('room on the disk', () => {
  function setUp() {
    let shortage: Shortage | null = null
    const said: string[] = []
    const slept: [number, AbortSignal | undefined][] = []
    const write = (level: string) => (_: object, text: string) => void said.push(`${level}: ${text}`)
    const log = { error: write('error'), info: write('info') } as unknown as Log
    let whenAsleep = async () => {}
    const room = createRoom({
      store: { shortage: () => shortage },
      clock: {
        now: () => new Date(0),
        sleep: async (ms, signal) => {
          slept.push([ms, signal])
          await whenAsleep()
        },
      },
      log,
    })
    const set = (to: Shortage | null) => {
      shortage = to
    }
    return {
      room,
      said,
      slept,
      set,
      asleep: (then: () => Promise<void>) => {
        whenAsleep = then
      },
    }
  }

  it('is told in the log when it runs out and when it is there again, once each', () => {
    const t = setUp()
    for (const shortage of [null, SHORT, SHORT, null, null, SHORT]) {
      t.set(shortage)
      expect(t.room.isShort()).toBe(shortage !== null)
    }
    const [out, back] = ['error: only 63 MB are free. Free some.', expect.stringMatching(/^info: there is room/)]
    expect(t.said).toEqual([out, back, out])
  })

  it('is looked for every five seconds by a stream that waits, which can be stopped meanwhile', async () => {
    const t = setUp()
    t.set(SHORT)
    t.asleep(async () => {
      if (t.slept.length === 2) throw new Error('stopped')
    })
    const stored: unknown[] = []
    const { signal } = new AbortController()
    const stream = t.room.inFront({
      kind: 'stream',
      ping: async () => {},
      run: ({ position, deliver }) => deliver({ observations: [], position: position ?? 'none' }),
    })
    const start = { position: 'p1', deliver: async (batch: unknown) => void stored.push(batch) }
    await expect(stream.run(start, signal)).rejects.toThrow('stopped')
    expect(stored).toEqual([])
    expect(t.slept).toEqual([
      [5000, signal],
      [5000, signal],
    ])
    t.set(null)
    await stream.run(start, signal)
    expect(stored).toEqual([{ observations: [], position: 'p1' }])
  })

  it('makes a stream fail where storing failed', async () => {
    const stream = setUp().room.inFront({
      kind: 'stream',
      ping: async () => {},
      run: ({ deliver }) => deliver({ observations: [] }),
    })
    const deliver = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the connection was lost')
    }
    await expect(stream.run({ position: null, deliver }, new AbortController().signal)).rejects.toThrow('connection')
  })
})
