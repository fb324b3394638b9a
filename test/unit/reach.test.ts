import { describe, expect, it, vi } from 'vitest'
import { unreachable } from '../../src/jobs/reach.ts'
import type { ChatPlatform } from '../../src/ports/chat.ts'
import { Refused } from '../../src/ports/errors.ts'

const chat = (id: string, ping: () => Promise<void>) => ({ platform: { id, ping } as ChatPlatform, channel: 'C0' })

describe('the chats that alerts would not arrive in', () => {
  it('are named with what is wrong and what to do, the others are not', async () => {
    const reasons = await unreachable(
      [
        chat('web', async () => {}),
        chat('slack', () => Promise.reject(new Refused('it is not in the channel', 'Invite it.'))),
        chat('teams', () => Promise.reject(new Error('oops'))),
        chat('silent', () => new Promise(() => {})),
      ],
      50,
    )
    expect(reasons).toEqual([
      'Alerts will NOT reach slack C0: it is not in the channel. Invite it.',
      'Alerts will NOT reach teams C0: oops.',
      'Alerts may not reach silent C0: it does not answer within 0.05 s.',
    ])
  })

  it('are waited for three seconds, and not for one that has answered', async () => {
    vi.useFakeTimers()
    try {
      let reasons: string[] | null = null
      void unreachable([chat('silent', () => new Promise(() => {}))]).then((found) => {
        reasons = found
      })
      await vi.advanceTimersByTimeAsync(2999)
      expect(reasons).toBeNull()
      await vi.advanceTimersByTimeAsync(1)
      expect(reasons).toEqual([expect.stringContaining('3 s')])
      expect(await unreachable([chat('web', async () => {})])).toEqual([])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
