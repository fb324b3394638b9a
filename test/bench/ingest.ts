import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { type PgServer, startPostgres } from '../support/pg-server.ts'
import type { Progress, ReplicaTask } from './ingest/replica.ts'
import type { Upstream } from './ingest/upstream.ts'
import { createBars } from './scale/bars.ts'

const WARM_UP_MS = 8_000
/** Of Mailgun some windows, which take 20 seconds each. */
const MEASURED_MS = { sqs: 20_000, mailgun: 80_000 }

/** Events a second before windows were sized by work and queues were drained in parallel. */
const WAS = { mailgun: 930, ses: 457 }

interface Rate {
  perSecond: number
  /** Of the processes that read, without the database and what is read from. */
  perCpuSecond: number
}

/** From what is read from to what is stored, each in processes of their own, on PostgreSQL with fsync. */
export async function bench(print: (line: string) => void): Promise<boolean> {
  const server = await startPostgres({ durable: true })
  try {
    const measure = async (name: string, upstream: Upstream, replicas: number, was: number) => {
      const rate = await rateOf(server, upstream, replicas)
      const figure = (n: number) => Math.round(n).toLocaleString('en')
      print(
        `${name}: ${figure(rate.perSecond)} events/s end to end (was ${figure(was)}), ${figure(rate.perCpuSecond)} a second of a core`,
      )
      return rate.perSecond
    }
    const queue: Upstream = { kind: 'sqs', latencyMs: 10, perSecond: 0 }
    const account: Upstream = { kind: 'mailgun', latencyMs: 100, perSecond: 500 }
    const mailgun = await measure('Mailgun, 100 ms', account, 1, WAS.mailgun)
    const ses = await measure('SES, 10 ms, one replica', queue, 1, WAS.ses)
    const both = await measure('SES, 10 ms, two replicas', queue, 2, WAS.ses)
    const bars = createBars()
    bars.reach('Mailgun', mailgun, 10_000, 'events/s')
    bars.reach('SES', ses, 4_000, 'events/s')
    bars.reach('SES, two replicas', both / ses, 1.6, 'times one')
    for (const line of bars.lines()) print(line)
    return bars.areHeld()
  } finally {
    await server.stop()
  }
}

async function rateOf(server: PgServer, upstream: Upstream, replicas: number): Promise<Rate> {
  const children: ChildProcess[] = []
  const start = (script: string, name: string, settings: Upstream | ReplicaTask) => {
    const env = { ...process.env, [name]: JSON.stringify(settings) }
    const child = fork(new URL(`./ingest/${script}.ts`, import.meta.url), { env })
    children.push(child)
    return child
  }
  const databaseUrl = await server.create(`ingest_${upstream.kind}_${replicas}`)
  try {
    const source = start('upstream', 'UPSTREAM', upstream)
    const [{ url }] = (await once(source, 'message')) as [{ url: string }]
    const task: ReplicaTask = { kind: upstream.kind, url, databaseUrl }
    const readers: ChildProcess[] = []
    for (let i = 0; i < replicas; i++) {
      const reader = start('replica', 'REPLICA', task)
      readers.push(reader)
      // The first one makes the schema.
      while ((await progressOf(reader)).stored === 0) await wait(200)
    }
    await wait(WARM_UP_MS)
    const before = await Promise.all(readers.map(progressOf))
    await wait(MEASURED_MS[upstream.kind])
    const after = await Promise.all(readers.map(progressOf))
    const rates = after.map(({ stored, atMs, cpuMs }, i) => {
      const since = before[i]!
      return { n: stored - since.stored, seconds: (atMs - since.atMs) / 1000, cpuSeconds: (cpuMs - since.cpuMs) / 1000 }
    })
    const perSecond = rates.reduce((sum, { n, seconds }) => sum + (n > 0 ? n / seconds : 0), 0)
    const cpuSeconds = rates.reduce((sum, each) => sum + each.cpuSeconds, 0)
    return { perSecond, perCpuSecond: rates.reduce((sum, { n }) => sum + n, 0) / Math.max(cpuSeconds, 0.001) }
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

async function progressOf(reader: ChildProcess): Promise<Progress> {
  reader.send('how much')
  const [progress] = (await once(reader, 'message')) as [Progress]
  return progress
}
