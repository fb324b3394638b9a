import { describe, expect, it } from 'vitest'
import type { AuditEntry, BlindIncident, Incident } from '../../src/incident/incident.ts'
import { deliver } from '../../src/jobs/deliver.ts'
import { createLog } from '../../src/lib/log.ts'
import type { ChatPlatform } from '../../src/ports/chat.ts'
import { AuthFailed, Gone, RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { MessageRecord, Store } from '../../src/ports/store/index.ts'
import { blindIncident } from '../support/store-incident.ts'
import { minute } from '../support/store-rows.ts'

const TO = { platform: 'slack', channel: 'C1' }

/** A store of one incident and its message, and a chat that fails as it is told to. */
function setUp() {
  let incident: Incident = blindIncident()
  let now = minute(0)
  let messages = 0
  const history: AuditEntry[] = []
  let record: MessageRecord | null = null
  const said: string[] = []
  const faults: (Error | 'lost' | 'none')[] = []
  /** Does it, or fails before or after as planned. */
  const act = <T>(what: string, result: T): T => {
    const fault = faults.shift()
    if (fault instanceof Error) throw fault
    said.push(what)
    if (fault === 'lost') throw new Unavailable('no answer')
    return result
  }
  const chat = {
    id: 'slack',
    post: async (to, card, key, { mayExist }) => {
      const isThere = mayExist && said.some((line) => line.startsWith(`post ${key} `))
      return isThere ? { ...to, id: `m${messages}` } : act(`post ${key} ${card.title}`, { ...to, id: `m${++messages}` })
    },
    update: async ({ id }, card) => act(`update ${id} ${card.title}`, undefined),
    reply: async ({ id }, card, key, { mayExist, heard }) => {
      const owner = heard?.owner ? ` by ${heard.owner.name} (${heard.owner.id})` : ''
      const line = `reply ${id} ${key} ${card.title}${heard ? `, to be heard${owner}` : ''}`
      if (!mayExist || !said.includes(line)) act(line, undefined)
    },
  } as ChatPlatform
  const store = {
    incidents: { get: async () => incident, audit: async () => history },
    messages: {
      get: async () => record && structuredClone(record),
      save: async (saved: MessageRecord) => {
        record = structuredClone(saved)
      },
    },
  } as unknown as Store
  return {
    said,
    faults,
    record: () => record,
    setNow: (at: Date) => {
      now = at
    },
    change: (change: Partial<BlindIncident>) => {
      incident = { ...incident, ...change } as Incident
    },
    transition: (...what: AuditEntry['what'][]) => {
      if (history.length > 0 || what.length === 0) incident = { ...incident, version: incident.version + 1 }
      for (const one of what)
        history.push({ seq: history.length + 1, at: now, actor: 'bouncebell', what: one, says: one })
    },
    run: () =>
      deliver(
        { incidentId: incident.id, to: TO },
        {
          store,
          chats: new Map([['slack', chat]]),
          clock: { now: () => now, sleep: async () => {} },
          log: createLog({ level: 'silent', format: 'json', color: false }),
          cardOf: ({ version }) => ({ title: `v${version}`, tone: 'critical' }),
          entryCard: ({ says }) => ({ title: says, tone: 'info' }),
          summaryCard: (all) => ({
            title: `${all.length} entries from ${all[0]!.says} to ${all.at(-1)!.says}`,
            tone: 'info',
          }),
        },
        new AbortController().signal,
      ),
  }
}

describe('a delivery', () => {
  it('posts once, then edits, and adds what happened to the thread', async () => {
    const t = setUp()
    t.transition('opened')
    await t.run()
    await t.run()
    t.transition('acknowledged')
    t.transition('resolved')
    await t.run()
    expect(t.said).toEqual([
      'post incident v1',
      'reply m1 incident/1 opened',
      'update m1 v3',
      'reply m1 incident/2 acknowledged',
      'reply m1 incident/3 resolved',
    ])
  })

  it('ends an outage in one message that says the truth, with its history below it, and calls nobody for that', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push(new Unavailable('down'))
    await expect(t.run()).rejects.toThrow(Unavailable)
    t.transition('worsened')
    t.transition('resolved')
    await t.run()
    expect(t.said).toEqual([
      'post incident v3',
      'reply m2 incident/1 opened',
      'reply m2 incident/2 worsened',
      'reply m2 incident/3 resolved',
    ])
  })

  it('sums up a long history in one line of the thread, and adds the last of it', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push(new Unavailable('down'))
    await expect(t.run()).rejects.toThrow(Unavailable)
    for (let i = 0; i < 20; i++) t.transition(i % 2 ? 'improved' : 'worsened')
    await t.run()
    expect(t.said).toEqual([
      'post incident v21',
      'reply m2 incident/1 18 entries from opened to worsened',
      'reply m2 incident/19 improved',
      'reply m2 incident/20 worsened',
      'reply m2 incident/21 improved',
    ])
    expect(t.record()).toMatchObject({ threadSeq: 21 })
  })

  it('sums up what a thread missed, too, and lets it be heard where there was something to hear', async () => {
    const t = setUp()
    t.transition('opened')
    await t.run()
    t.said.length = 0
    t.transition('worsened')
    for (let i = 0; i < 20; i++) t.transition('flapping')
    await t.run()
    expect(t.said).toEqual([
      'update m1 v22',
      'reply m1 incident/2 18 entries from worsened to flapping, to be heard',
      'reply m1 incident/20 flapping',
      'reply m1 incident/21 flapping',
      'reply m1 incident/22 flapping',
    ])
  })

  it('does not post twice when the answer to a post was lost', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push('lost')
    await expect(t.run()).rejects.toThrow(Unavailable)
    expect(t.record()?.posting).toBe(true)
    await t.run()
    expect(t.said).toEqual(['post incident v1', 'reply m1 incident/1 opened'])
    expect(t.record()).toMatchObject({ posting: false, shownVersion: 1, ref: { id: 'm1' } })
  })

  it('does not repeat a line of the thread when the answer to it was lost', async () => {
    const t = setUp()
    t.transition('opened')
    await t.run()
    t.transition('acknowledged')
    t.faults.push('none', 'lost')
    await expect(t.run()).rejects.toThrow(Unavailable)
    t.faults.push(new RateLimited('slow down', 1000))
    await t.run()
    await t.run()
    expect(t.said.filter((line) => line.startsWith('reply'))).toEqual([
      'reply m1 incident/1 opened',
      'reply m1 incident/2 acknowledged',
    ])
  })

  it('remembers a post of unknown fate over a refusal', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push('lost', new RateLimited('slow down', 1000))
    await expect(t.run()).rejects.toThrow(Unavailable)
    expect(t.record()?.posting).toBe(true)
    // Found where it is; then the refusal is for the first line of its thread.
    expect(await t.run()).toEqual(minute(1 / 60))
    await t.run()
    expect(t.said).toEqual(['post incident v1', 'reply m1 incident/1 opened'])
  })

  it('comes back exactly when the platform said', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push(new RateLimited('slow down', 90_000))
    expect(await t.run()).toEqual(minute(1.5))
    expect(t.record()?.posting).toBe(false)
    expect(await t.run()).toBeNull()
  })

  it('waits for a person where a person has to mend something', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push(new AuthFailed('invalid_auth', 'Renew the token.'))
    expect(await t.run()).toEqual(minute(5))
  })

  it('posts anew when a person deleted the message', async () => {
    const t = setUp()
    t.transition('opened')
    await t.run()
    t.transition('worsened')
    t.faults.push(new Gone('message_not_found'))
    await t.run()
    expect(t.said).toEqual(['post incident v1', 'reply m1 incident/1 opened', 'post incident v2'])
    expect(t.record()).toMatchObject({ ref: { id: 'm2' }, threadSeq: 2 })
  })

  it('edits for figures alone at most once a minute, for a change of state at once', async () => {
    const t = setUp()
    t.transition('opened')
    await t.run()
    t.setNow(minute(0.5))
    t.transition()
    expect(await t.run()).toEqual(minute(1))
    t.transition('acknowledged')
    expect(await t.run()).toBeNull()
    expect(t.said).toEqual([
      'post incident v1',
      'reply m1 incident/1 opened',
      'update m1 v3',
      'reply m1 incident/2 acknowledged',
    ])
  })

  describe('of what must be heard', () => {
    async function opened() {
      const t = setUp()
      t.transition('opened')
      await t.run()
      t.said.length = 0
      return t
    }
    const replies = ({ said }: { said: string[] }) => said.filter((line) => line.startsWith('reply'))

    it.each(['worsened', 'reopened', 'reminded', 'unmuted', 'unsnoozed'] as const)(
      'tells everybody: %s',
      async (what) => {
        const t = await opened()
        t.transition(what)
        await t.run()
        expect(replies(t)).toEqual([`reply m1 incident/2 ${what}, to be heard`])
      },
    )

    it.each(['improved', 'recovering', 'stale', 'fresh', 'flapping', 'acknowledged'] as const)(
      'only adds to the thread: %s',
      async (what) => {
        const t = await opened()
        t.transition(what)
        await t.run()
        expect(replies(t)).toEqual([`reply m1 incident/2 ${what}`])
      },
    )

    it('calls who acknowledged it, by the name where that was on another platform', async () => {
      const t = await opened()
      t.change({ state: 'acknowledged', acknowledgedBy: 'Ann', owner: { platform: 'slack', id: 'U1', name: 'Ann' } })
      t.transition('worsened')
      await t.run()
      t.change({ owner: { platform: 'web', id: 'Ann', name: 'Ann' } })
      t.transition('worsened')
      await t.run()
      expect(replies(t)).toEqual([
        'reply m1 incident/2 worsened, to be heard by Ann (U1)',
        'reply m1 incident/3 worsened, to be heard by Ann (null)',
      ])
    })

    it('tells the last of several only, since that says it all', async () => {
      const t = await opened()
      t.transition('worsened', 'improved', 'worsened', 'fresh')
      await t.run()
      expect(replies(t).filter((line) => line.includes('to be heard'))).toEqual([
        'reply m1 incident/4 worsened, to be heard',
      ])
    })

    it.each<[string, Partial<BlindIncident>]>([
      ['over by now', { state: 'resolved', resolvedAt: minute(0) }],
      ['silenced', { muted: { reason: 'maintenance', endsAt: minute(60) } }],
    ])('is quiet about what is %s', async (_, change) => {
      const t = await opened()
      t.change(change)
      t.transition('worsened')
      await t.run()
      expect(replies(t)).toEqual(['reply m1 incident/2 worsened'])
    })

    it('keeps quiet while it is snoozed, but not about what got worse', async () => {
      const t = await opened()
      t.change({ state: 'snoozed', snoozedUntil: minute(60) })
      t.transition('reminded')
      await t.run()
      t.transition('worsened')
      await t.run()
      expect(replies(t)).toEqual(['reply m1 incident/2 reminded', 'reply m1 incident/3 worsened, to be heard'])
    })
  })
})
