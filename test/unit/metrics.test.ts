import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/lib/metrics.ts'
import type { Observation, StreamSource, WindowSource } from '../../src/ports/esp.ts'
import type { SourceHealth, Store } from '../../src/ports/store/index.ts'
import { minute } from '../support/findings.ts'

const signal = new AbortController().signal
const seen = (outcome: Observation['outcome']): Observation => ({
  kind: 'event',
  id: outcome,
  at: minute(0),
  outcome,
  reply: null,
  to: { domain: 'gmail.com' },
  dims: {},
})
const counted: Observation = {
  kind: 'count',
  from: minute(0),
  to: minute(1),
  outcome: 'delivered',
  n: 40,
  reply: null,
  dims: {},
}

function createStore(health: SourceHealth[] = []) {
  return {
    sources: { health: async () => health },
    incidents: { current: async () => [] },
    messages: { behind: async () => [] },
  } as unknown as Store
}

describe('what is counted for /metrics', () => {
  it('lets a stream acknowledge only after the commit, and counts nothing that was not committed', async () => {
    const metrics = createMetrics(createStore())
    const steps: string[] = []
    const stream: StreamSource = {
      kind: 'stream',
      ping: async () => {},
      run: async ({ position, deliver }) => {
        expect(position).toBe('line 7')
        await deliver({ observations: [seen('delivered')] })
        steps.push('acknowledged')
        await deliver({ observations: [seen('bounced')] })
        steps.push('acknowledged what failed')
      },
    }
    const { promise: committed, resolve: commit } = Promise.withResolvers<void>()
    const watched = metrics.watched(stream, 'log') as StreamSource
    let batches = 0
    const running = watched.run(
      {
        position: 'line 7',
        deliver: async () => {
          if (++batches > 1) throw new Error('the database is away')
          await committed
          steps.push('committed')
        },
      },
      signal,
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(steps).toEqual([])
    commit()
    await expect(running).rejects.toThrow('the database is away')
    expect(steps).toEqual(['committed', 'acknowledged'])
    const { body } = await metrics.scrape()
    expect(body).toContain('bouncebell_observations_total{source="log",outcome="delivered"} 1')
    expect(body).not.toContain('outcome="bounced"')
  })

  it('counts what a window tells, page by page, and hands all of it on', async () => {
    const metrics = createMetrics(createStore())
    const pages = [[seen('delivered'), seen('deferred')], [counted]]
    const source: WindowSource = {
      kind: 'window',
      ping: async () => {},
      async *pull() {
        yield* pages
      },
    }
    const got: Observation[][] = []
    const window = { from: minute(0), to: minute(1) }
    for await (const page of (metrics.watched(source, 'mailgun') as WindowSource).pull(window, signal)) got.push(page)
    expect(got).toEqual(pages)
    const { body } = await metrics.scrape()
    expect(body).toContain('bouncebell_observations_total{source="mailgun",outcome="delivered"} 41')
    expect(body).toContain('bouncebell_observations_total{source="mailgun",outcome="deferred"} 1')
  })

  it('tells how work ended, and passes on what it returned or threw', async () => {
    const metrics = createMetrics(createStore())
    expect(await metrics.timed('poll', async () => 42)).toBe(42)
    await expect(metrics.timed('poll', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const { body } = await metrics.scrape()
    expect(body).toContain('bouncebell_work_seconds_count{work="poll",result="ok"} 1')
    expect(body).toContain('bouncebell_work_seconds_count{work="poll",result="failed"} 1')
  })

  it('is right on the first scrape, and forgets a source that is gone', async () => {
    const health: SourceHealth[] = [
      {
        source: 'mailgun',
        type: 'mailgun',
        lastOkAt: minute(0),
        lastEventAt: null,
        failingSince: minute(1),
        pausedUntil: null,
        problem: '401',
        remedy: null,
        malformed: 3,
      },
    ]
    const metrics = createMetrics(createStore(health))
    const labels = '{source="mailgun",type="mailgun"}'
    const { body } = await metrics.scrape()
    expect(body).toContain(`bouncebell_source_failing${labels} 1`)
    expect(body).toContain(`bouncebell_source_malformed_items${labels} 3`)
    expect(body).toContain(`bouncebell_source_last_ok_timestamp_seconds${labels} ${minute(0).getTime() / 1000}`)
    health.pop()
    expect((await metrics.scrape()).body).not.toContain('mailgun')
  })
})
