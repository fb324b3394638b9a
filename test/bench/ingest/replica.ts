// One replica that reads, in a process of its own. Environment: REPLICA (JSON). It says how much it has stored when it is asked.
import { mailgun } from '../../../adapters/esp/mailgun/index.ts'
import { ses } from '../../../adapters/esp/ses/index.ts'
import { poll } from '../../../src/jobs/poll.ts'
import { follow } from '../../../src/jobs/stream.ts'
import { createWindowSizes } from '../../../src/jobs/window-sizes.ts'
import { loadKnowledge } from '../../../src/knowledge/knowledge.ts'
import { createHttpClient } from '../../../src/lib/http-client.ts'
import { createLog } from '../../../src/lib/log.ts'
import { systemClock as clock } from '../../../src/lib/system-clock.ts'
import type { StreamSource, WindowSource } from '../../../src/ports/esp.ts'
import type { Store } from '../../../src/ports/store/index.ts'
import { openStore } from '../../../src/store/index.ts'
import { sqsKeys } from '../../support/sqs-server.ts'
import { BENCH_KEY } from './upstream.ts'

export interface ReplicaTask {
  kind: 'mailgun' | 'sqs'
  url: string
  databaseUrl: string
}
/** As of the last time that something was stored: a window is stored as one. */
export interface Progress {
  stored: number
  atMs: number
  cpuMs: number
}

const { kind, url, databaseUrl } = JSON.parse(process.env.REPLICA!) as ReplicaTask
const { store: opened } = await openStore({ databaseUrl })
let progress: Progress = { stored: 0, atMs: 0, cpuMs: 0 }
const note = (n: number) => {
  const { user, system } = process.cpuUsage()
  progress = { stored: progress.stored + n, atMs: performance.now(), cpuMs: (user + system) / 1000 }
}
const store: Store = {
  ...opened,
  counters: {
    ...opened.counters,
    replaceWindow: async (source, window, rows, ledger) => {
      const refused = await opened.counters.replaceWindow(source, window, rows, ledger)
      note(ledger.items ?? 0)
      return refused
    },
    addEvents: async (...given) => {
      const result = await opened.counters.addEvents(...given)
      note(result.stored)
      return result
    },
  },
}
process.on('message', () => process.send?.(progress))

const log = createLog({ level: 'warn', format: 'json', color: false })
const tally = loadKnowledge([])
const options = { store, clock, log, tally }
const context = { clock, log, http: createHttpClient() }
const { signal } = new AbortController()
if (kind === 'mailgun') {
  const source = mailgun.open(mailgun.config.parse({ apiKey: BENCH_KEY, baseUrl: url }), context) as WindowSource
  const polled = { name: 'mailgun', type: 'mailgun', facts: mailgun.facts, source }
  const history = { ...options, backfillDays: 13, part: 'history' as const, sizes: createWindowSizes() }
  while (!signal.aborted) await poll(polled, history, signal)
} else {
  const settings = { queueUrl: url, region: 'us-east-1', ...sqsKeys() }
  const source = ses.open(ses.config.parse(settings), context) as StreamSource
  await follow({ name: 'ses', type: 'ses', source }, options, signal)
}
