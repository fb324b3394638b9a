import { describe, expect, it } from 'vitest'
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
})
