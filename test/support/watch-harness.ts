import type { AlertRule } from '../../src/alert-rules/rules.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import { createWatch } from '../../src/detect/detector.ts'
import { REACH } from '../../src/detect/state/checkpoints.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { extentOf } from '../../src/incident/scope-text.ts'
import { createDirectAlerts } from '../../src/jobs/direct.ts'
import { createSilences } from '../../src/jobs/silences.ts'
import { createWatchJob } from '../../src/jobs/watch.ts'
import { createLog } from '../../src/lib/log.ts'
import type { EspFacts } from '../../src/ports/esp.ts'
import type { CounterRow, Store } from '../../src/ports/store/index.ts'
import { createManualClock } from './manual-clock.ts'
import { createRecordingChat } from './recording-chat.ts'
import { minute, reply, row } from './store-rows.ts'

const FACTS: EspFacts = {
  name: 'Mailgun',
  text: 'verbatim',
  deferrals: true,
  deliveries: true,
  sendingIp: true,
  rereadAfterMinutes: [],
  docs: 'https://documentation.mailgun.com/',
}
export const CHANNEL = { platform: 'web', channel: 'alerts' }
export const log = createLog({ level: 'silent', format: 'json', color: false })

/** Minute `n` of the traffic: 40 tries a minute at Gmail and Yahoo each; `share` of Gmail's are deferred. */
function traffic(n: number, share = 0): CounterRow[] {
  const deferred = Math.round(40 * share)
  return [
    row(n, 40 - deferred),
    row(n, 40, { slice: { provider: 'yahoo' } }),
    ...(deferred > 0 ? [row(n, deferred, { outcome: 'deferred', reply: reply() })] : []),
  ]
}

/** So long that there is always a detector; a test of what is watched without one sets less. */
const PATIENCE_MS = 100_000

/** The watch over a real store, with a clock that the test moves. */
export function createWatchHarness(
  store: Store,
  source = 'mailgun',
  rules: readonly AlertRule[] = [],
  made = 'for tests',
  patienceMs = PATIENCE_MS,
) {
  const clock = createManualClock(minute(0))
  const silences = createSilences(store, [])
  const chat = createRecordingChat()
  const alerts = createDirectAlerts([{ platform: chat.platform, channel: 'alerts' }], log)
  const newJob = () =>
    createWatchJob({
      store,
      clock,
      log,
      silences,
      alerts,
      newReplies: { min: 50 },
      facts: new Map([[source, FACTS]]),
      rules,
      createWatch: (saved) => createWatch({ ...REACH, falseAlarms: DEFAULT_BUDGET, wordScope: extentOf }, saved),
      made,
      patienceMs,
      route: () => [CHANNEL],
      nameOf: (provider) => provider.toUpperCase(),
      linksOf: ({ provider }) => [{ label: provider, url: `https://postmaster.example/${provider}` }],
      limitsOf: () => ['tells everything'],
    })
  let job = newJob()
  const put = (from: number, to: number, share: (n: number) => number = () => 0) =>
    store.counters.replaceWindow(
      source,
      { from: minute(from), to: minute(to) },
      Array.from({ length: to - from }, (_, i) => traffic(from + i, share(from + i))).flat(),
      { at: minute(to), nextReadAt: null },
    )
  const watch = async (n: number) => {
    clock.set(minute(n))
    await job.run(new AbortController().signal)
  }
  return {
    clock,
    silences,
    /** What was told by itself, since the store does not take it. */
    direct: chat.said,
    put,
    /** Looks at the world as it is at the beginning of minute `n`. */
    watch,
    /** Minute by minute, read as soon as it is over. */
    live: async (from: number, to: number, share: (n: number) => number = () => 0) => {
      for (let n = from; n < to; n++) {
        await put(n, n + 1, share)
        await watch(n + 1)
      }
    },
    restart: () => {
      job = newJob()
    },
    /** The process ends as it should. */
    stop: () => job.stop(),
    isDetecting: () => job.isDetecting(),
    incidents: (): Promise<Incident[]> => store.incidents.current(minute(0)),
  }
}
