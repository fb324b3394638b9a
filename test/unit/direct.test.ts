import { describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import { createDirectAlerts } from '../../src/jobs/direct.ts'
import { watchForRoom } from '../../src/jobs/room.ts'
import { createLog } from '../../src/lib/log.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Shortage } from '../../src/ports/store/index.ts'
import { createRecordingChat } from '../support/recording-chat.ts'
import { minute } from '../support/store-rows.ts'

const card = (title: string): Card => ({ title, tone: 'critical' })
const shortage = (isTotal: boolean): Shortage => ({
  problem: 'only 5 MB are free on the disk',
  remedy: 'Free some.',
  isTotal,
})

function setUp() {
  const written: string[] = []
  const log = createLog({ level: 'info', format: 'json', color: false }, { write: (line) => void written.push(line) })
  const [slack, web] = [createRecordingChat('slack'), createRecordingChat('web')]
  const webPost = web.platform.post
  let isWebDown = false
  web.platform.post = async (...given) => {
    if (isWebDown) throw new Unavailable('the disk is full')
    return webPost(...given)
  }
  const alerts = createDirectAlerts(
    [slack, web].map(({ platform }) => ({ platform, channel: 'alerts' })),
    log,
  )
  return {
    alerts,
    slack: slack.said,
    web: web.said,
    log,
    written,
    setWebDown: (isDown: boolean) => {
      isWebDown = isDown
    },
  }
}

describe('an alert that the store cannot take', () => {
  it('is posted to each chat once', async () => {
    const t = setUp()
    await t.alerts.tell('a', card('first'))
    await t.alerts.tell('a', card('first again'))
    await t.alerts.tell('b', card('second'))
    expect(t.slack).toEqual(['post alerts first', 'post alerts second'])
    expect(t.web).toEqual(t.slack)
  })

  it('is tried again where it did not arrive, and only there, with one word about it in the log', async () => {
    const t = setUp()
    t.setWebDown(true)
    for (let i = 0; i < 3; i++) await t.alerts.tell('a', card('first'))
    expect([t.slack, t.web]).toEqual([['post alerts first'], []])
    expect(t.written.filter((line) => line.includes('the disk is full'))).toHaveLength(1)
    t.setWebDown(false)
    await t.alerts.tell('a', card('first'))
    await t.alerts.tell('a', card('first'))
    expect([t.slack, t.web]).toEqual([['post alerts first'], ['post alerts first']])
  })

  it('is said to be over where it was posted, and can come again', async () => {
    const t = setUp()
    await t.alerts.over('a', card('never began'))
    await t.alerts.tell('a', card('first'))
    await t.alerts.over('a', card('over'))
    await t.alerts.over('a', card('over again'))
    await t.alerts.tell('a', card('second'))
    expect(t.slack).toEqual(['post alerts first', 'reply a over', 'post alerts second'])
  })
})

describe('a disk without room for any work of the database', () => {
  it('is told in the chats by itself, once, and that it is over', async () => {
    const t = setUp()
    const stop = new AbortController()
    const course = [null, shortage(true), shortage(true), shortage(false), shortage(true), null, null]
    let now: Shortage | null = null
    const seen: string[][] = []
    const clock = {
      now: () => minute(0),
      sleep: async () => {
        seen.push([...t.slack])
        if (course.length === 0) stop.abort()
        now = course.shift() ?? null
      },
    }
    await watchForRoom({ store: { shortage: () => now }, clock, log: t.log, alerts: t.alerts }, stop.signal)
    const told = 'post alerts Bouncebell has stopped: its disk is full'
    expect(seen.map((said) => said.length)).toEqual([0, 0, 1, 1, 1, 1, 2, 2])
    expect(t.slack).toEqual([told, expect.stringMatching(/^reply .* There is room again$/)])
  })
})
