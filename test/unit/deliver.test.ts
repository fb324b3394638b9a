import { describe, expect, it } from 'vitest'
import type { AuditEntry, Incident } from '../../src/incident/incident.ts'
import { deliver } from '../../src/jobs/deliver.ts'
import { createLog } from '../../src/lib/log.ts'
import type { ChatPlatform } from '../../src/ports/chat.ts'
import { AuthFailed, Gone, RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { MessageRecord, Store } from '../../src/ports/store.ts'
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
    reply: async ({ id }, card, key, { mayExist }) => {
      if (!mayExist || !said.includes(`reply ${id} ${key} ${card.title}`))
        act(`reply ${id} ${key} ${card.title}`, undefined)
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
        },
        AbortSignal.timeout(10_000),
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
      'update m1 v3',
      'reply m1 incident/2 acknowledged',
      'reply m1 incident/3 resolved',
    ])
  })

  it('ends an outage in one message that says the truth', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push(new Unavailable('down'))
    await expect(t.run()).rejects.toThrow(Unavailable)
    t.transition('worsened')
    t.transition('resolved')
    await t.run()
    expect(t.said).toEqual(['post incident v3'])
  })

  it('does not post twice when the answer to a post was lost', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push('lost')
    await expect(t.run()).rejects.toThrow(Unavailable)
    expect(t.record()?.posting).toBe(true)
    await t.run()
    expect(t.said).toEqual(['post incident v1'])
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
    expect(t.said.filter((line) => line.startsWith('reply'))).toEqual(['reply m1 incident/2 acknowledged'])
  })

  it('remembers a post of unknown fate over a refusal', async () => {
    const t = setUp()
    t.transition('opened')
    t.faults.push('lost', new RateLimited('slow down', 1000))
    await expect(t.run()).rejects.toThrow(Unavailable)
    expect(t.record()?.posting).toBe(true)
    await t.run()
    expect(t.said).toEqual(['post incident v1'])
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
    expect(t.said).toEqual(['post incident v1', 'post incident v2'])
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
    expect(t.said).toEqual(['post incident v1', 'update m1 v3', 'reply m1 incident/2 acknowledged'])
  })
})
