import { describe, expect, it } from 'vitest'
import type { AuditEntry, Incident } from '../../src/incident/incident.ts'
import { deliver } from '../../src/jobs/deliver.ts'
import { createLog } from '../../src/lib/log.ts'
import type { ChatPlatform } from '../../src/ports/chat.ts'
import { AuthFailed, Gone, RateLimited, Refused, Unavailable } from '../../src/ports/errors.ts'
import type { MessageRecord } from '../../src/ports/store/index.ts'
import { blindIncident } from '../support/store-incident.ts'
import { minute } from '../support/store-rows.ts'

const TO = { platform: 'slack', channel: 'C1' }
const entry = (seq: number, what: AuditEntry['what'] = 'opened'): AuditEntry => ({
  seq,
  at: minute(0),
  actor: 'bouncebell',
  what,
  says: `line ${seq}`,
})
/** As a message stands that shows version 1 and its opening. */
const SHOWN: MessageRecord = {
  incidentId: 'incident',
  to: TO,
  ref: { ...TO, id: 'm1' },
  shownVersion: 1,
  threadSeq: 1,
  posting: false,
  shownAt: minute(0),
}

interface Given {
  incident?: Incident | null
  audit?: AuditEntry[]
  record?: MessageRecord | null
  now?: Date
  platforms?: string[]
  /** By step, such as "post" or "save 2": what goes wrong there. */
  faults?: Record<string, Error>
}

/** A chat and a store that take their time for everything, and note it when it is done. */
function setUp(given: Given) {
  const { incident = blindIncident(), audit = [entry(1)], now = minute(10), platforms = ['slack'], faults = {} } = given
  const steps: string[] = []
  const signals: (AbortSignal | undefined)[] = []
  let record = given.record ?? null
  let saves = 0
  const step = async <T>(name: string, done: string, value: T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (faults[name]) throw faults[name]
    steps.push(done)
    return value
  }
  const chat = {
    id: 'slack',
    post: (to, card, key, { mayExist, signal }) => {
      signals.push(signal)
      return step('post', `post ${key} "${card.title}"${mayExist ? ', which may exist' : ''}`, { ...to, id: 'new' })
    },
    update: ({ id }, card) => step('update', `update ${id} "${card.title}"`, undefined),
    reply: ({ id }, card, key, { mayExist, signal }) => {
      signals.push(signal)
      return step('reply', `reply ${id} ${key} "${card.title}"${mayExist ? ', which may exist' : ''}`, undefined)
    },
  } as ChatPlatform
  const store = {
    incidents: { get: () => step('get', 'get', incident), audit: () => step('audit', 'audit', audit) },
    messages: {
      get: () => step('record', 'record', record && structuredClone(record)),
      save: (saved: MessageRecord) => {
        const { ref, shownVersion, threadSeq, posting } = saved
        const at = `${ref?.id ?? 'nothing'} v${shownVersion} to line ${threadSeq}${posting ? ', posting' : ''}`
        const kept = structuredClone(saved)
        return step(`save ${++saves}`, `save ${at}`, undefined).then(() => {
          record = kept
        })
      },
    },
  }
  const signal = new AbortController().signal
  return {
    steps,
    signals,
    signal,
    record: () => record,
    run: () =>
      deliver(
        { incidentId: 'incident', to: TO },
        {
          store,
          chats: new Map(platforms.map((name) => [name, chat])),
          clock: { now: () => now, sleep: async () => {} },
          log: createLog({ level: 'silent', format: 'json', color: false }),
          cardOf: ({ version }, rows) => ({ title: `v${version}, ${rows.length} lines`, tone: 'critical' }),
          entryCard: ({ says }) => ({ title: says, tone: 'info' }),
          summaryCard: (all) => ({ title: `${all.length} entries`, tone: 'info' }),
        },
        signal,
      ),
  }
}

const READING = ['get', 'record', 'audit']

describe('the steps of a delivery', () => {
  it('note a post before it is made and after it, and each line of the thread the same', async () => {
    const t = setUp({ audit: [entry(1), entry(2)] })
    expect(await t.run()).toBeNull()
    expect(t.steps).toEqual([
      ...READING,
      'save nothing v0 to line 0, posting',
      'post incident "v1, 2 lines"',
      'save new v1 to line 0',
      'save new v1 to line 0, posting',
      'reply new incident/1 "line 1"',
      'save new v1 to line 1',
      'save new v1 to line 1, posting',
      'reply new incident/2 "line 2"',
      'save new v1 to line 2',
    ])
    expect(t.record()).toMatchObject({ shownAt: minute(10), posting: false })
    expect(t.signals).toEqual([t.signal, t.signal, t.signal])
  })

  it('are an edit, and then what the thread lacks', async () => {
    const t = setUp({
      incident: blindIncident({ version: 2 }),
      audit: [entry(1), entry(2, 'worsened')],
      record: SHOWN,
    })
    expect(await t.run()).toBeNull()
    expect(t.steps).toEqual([
      ...READING,
      'update m1 "v2, 2 lines"',
      'save m1 v2 to line 1',
      'save m1 v2 to line 1, posting',
      'reply m1 incident/2 "line 2"',
      'save m1 v2 to line 2',
    ])
  })

  it('are none where all is shown', async () => {
    const t = setUp({ record: SHOWN })
    expect(await t.run()).toBeNull()
    expect(t.steps).toEqual(READING)
  })

  it('look first for what an earlier try may have posted', async () => {
    const t = setUp({ record: { ...SHOWN, ref: null, shownVersion: 0, threadSeq: 0, posting: true } })
    await t.run()
    expect(t.steps).toContain('post incident "v1, 1 lines", which may exist')
    expect(t.steps).toContain('reply new incident/1 "line 1"')
  })

  it('go past a line whose thread is gone, and post no line without a message', async () => {
    const t = setUp({ record: { ...SHOWN, threadSeq: 0 }, faults: { reply: new Gone('thread_not_found') } })
    expect(await t.run()).toBeNull()
    expect(t.steps.at(-1)).toBe('save m1 v1 to line 1')
    const none = setUp({ record: { ...SHOWN, ref: null, threadSeq: 0 } })
    expect(await none.run()).toBeNull()
    expect(none.steps).toEqual(READING)
  })

  it.each(['get', 'record', 'audit', 'save 1', 'save 2', 'save 3', 'save 4', 'post', 'reply'])(
    'fail with what went wrong at "%s", so that the job is tried again',
    async (step) => {
      const lost = new Unavailable('the connection was lost')
      await expect(setUp({ faults: { [step]: lost } }).run()).rejects.toBe(lost)
    },
  )

  it.each([new Unavailable('the connection was lost'), new TypeError('a bug')])(
    'fail with what went wrong at an edit: %s',
    async (fault) => {
      const t = setUp({ incident: blindIncident({ version: 2 }), record: SHOWN, faults: { update: fault } })
      await expect(t.run()).rejects.toBe(fault)
      expect(t.steps).toEqual(READING)
    },
  )

  it('fail where an edit cannot be noted, before they say anything in its thread', async () => {
    const lost = new Unavailable('the connection was lost')
    const t = setUp({
      incident: blindIncident({ version: 2 }),
      audit: [entry(1), entry(2, 'worsened')],
      record: SHOWN,
      faults: { 'save 1': lost },
    })
    await expect(t.run()).rejects.toBe(lost)
    expect(t.steps).toEqual([...READING, 'update m1 "v2, 2 lines"'])
  })

  it.each([
    [new RateLimited('slow down', 1500), 1500],
    [new RateLimited('slow down', 90_000), 90_000],
    [new AuthFailed('invalid_auth', 'Renew the token.'), 5 * 60_000],
    [new Refused('not_in_channel', 'Invite it.'), 5 * 60_000],
  ])('wait where the platform turns them away: %s, for %i ms', async (fault, wait) => {
    const t = setUp({ faults: { post: fault } })
    expect(await t.run()).toEqual(new Date(minute(10).getTime() + wait))
    // Nothing got through.
    expect(t.record()).toMatchObject({ ref: null, posting: false })
  })

  it('keep it in mind that an earlier try may have got through, whatever this one is told', async () => {
    const t = setUp({
      record: { ...SHOWN, ref: null, shownVersion: 0, threadSeq: 0, posting: true },
      faults: { post: new RateLimited('slow down', 1500) },
    })
    await t.run()
    expect(t.record()).toMatchObject({ ref: null, posting: true })
  })

  it.each<[string, Given]>([
    ['the incident is gone', { incident: null }],
    ['the platform is no longer configured', { platforms: ['web'] }],
  ])('are none where %s', async (_why, given) => {
    const t = setUp(given)
    expect(await t.run()).toBeNull()
    expect(t.steps).toEqual(['get'])
  })

  it('wait with figures alone until the last edit is a minute old', async () => {
    const figures = (seconds: number) =>
      setUp({
        incident: blindIncident({ version: 2 }),
        record: SHOWN,
        now: new Date(minute(0).getTime() + seconds * 1000),
      })
    expect(await figures(59).run()).toEqual(minute(1))
    const due = figures(60)
    expect(await due.run()).toBeNull()
    expect(due.steps).toContain('update m1 "v2, 1 lines"')
  })

  it('do not wait with figures where no message is there yet, or nobody knows since when', async () => {
    const unknown = setUp({ incident: blindIncident({ version: 2 }), record: { ...SHOWN, shownAt: null } })
    expect(await unknown.run()).toBeNull()
    const unposted = setUp({ incident: blindIncident({ version: 2 }), audit: [], record: { ...SHOWN, ref: null } })
    expect(await unposted.run()).toBeNull()
    expect(unposted.steps).toContain('post incident "v2, 0 lines"')
  })
})
