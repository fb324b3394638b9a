import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EspSource, Observation } from '../ports/esp.ts'
import type { Store } from '../ports/store/index.ts'

// Later than any resolved incident, so that none of those is counted.
const NEVER = new Date('9999-12-31T00:00:00Z')

/** What is counted for /metrics. Names follow Prometheus' conventions: base units, `_total` for counters. */
export interface Metrics {
  /** The source, with its observations counted on their way. */
  watched(source: EspSource, id: string): EspSource
  /** Measures how long a piece of work takes, and whether it fails. */
  timed<T>(work: string, run: () => Promise<T>): Promise<T>
  scrape(): Promise<{ contentType: string; body: string }>
}

export function createMetrics(store: Store): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const observations = new Counter({
    name: 'bouncebell_observations_total',
    help: 'Delivery results read, by source and outcome; a window that is read again counts again.',
    labelNames: ['source', 'outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: 'bouncebell_work_seconds',
    help: 'How long a piece of work took.',
    labelNames: ['work', 'result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  })
  const refresh = storeGauges(store, registers)

  const count = (id: string, batch: Observation[]) => {
    for (const seen of batch)
      observations.inc({ source: id, outcome: seen.outcome }, seen.kind === 'count' ? seen.n : 1)
  }
  return {
    watched: (source, id) => counted(source, (batch) => count(id, batch)),
    async timed(work, run) {
      const stop = seconds.startTimer({ work })
      try {
        const value = await run()
        stop({ result: 'ok' })
        return value
      } catch (error) {
        stop({ result: 'failed' })
        throw error
      }
    },
    scrape: async () => {
      await refresh()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

/**
 * Gauges that are read from the store when they are asked for, so that every replica tells the same. All are read before
 * any is told: prom-client asks each for itself, and one that another sets would be told as it was before.
 */
function storeGauges(store: Store, registers: Registry[]): () => Promise<void> {
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const ofSource = ['source', 'type']
  const lastOk = gauge(
    'bouncebell_source_last_ok_timestamp_seconds',
    'When a source was last read without a fault.',
    ofSource,
  )
  const failing = gauge('bouncebell_source_failing', '1 while a source cannot be read.', ofSource)
  const malformed = gauge(
    'bouncebell_source_malformed_items',
    'Items that could not be read and were set aside.',
    ofSource,
  )
  const incidents = gauge('bouncebell_incidents', 'Incidents that are not resolved, by state and severity.', [
    'state',
    'severity',
  ])
  const behind = gauge('bouncebell_messages_behind', "Chat messages that do not show their incident's present version.")
  return async () => {
    const [health, current, late] = await Promise.all([
      store.sources.health(),
      store.incidents.current(NEVER),
      store.messages.behind(),
    ])
    for (const each of [lastOk, failing, malformed, incidents]) each.reset()
    for (const { source, type, lastOkAt, failingSince, malformed: items } of health) {
      if (lastOkAt) lastOk.set({ source, type }, lastOkAt.getTime() / 1000)
      failing.set({ source, type }, failingSince ? 1 : 0)
      malformed.set({ source, type }, items)
    }
    for (const { state, severity } of current) incidents.inc({ state, severity })
    behind.set(late.length)
  }
}

function counted(source: EspSource, count: (batch: Observation[]) => void): EspSource {
  if (source.kind === 'stream')
    return {
      ...source,
      run: (start, signal) =>
        source.run(
          {
            position: start.position,
            deliver: async (batch) => {
              await start.deliver(batch)
              count(batch.observations)
            },
          },
          signal,
        ),
    }
  return {
    ...source,
    async *pull(window, signal) {
      for await (const batch of source.pull(window, signal)) {
        count(batch)
        yield batch
      }
    },
  }
}
