import type { ChildProcess } from 'node:child_process'
import type { LogEntry } from '../../src/demo/mailgun-log.ts'
import { createMailgunLog } from '../../src/demo/mailgun-log.ts'
import { startMailgunServer } from '../../src/demo/mailgun-server.ts'
import { BOT_TOKEN, CHANNEL, startSlackServer } from './slack-server.ts'

const MINUTE_MS = 60_000
export const KEY = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0'
/** When the scene begins, on its own clock; its history since midnight is there already. */
export const BEGIN = Date.parse('2026-11-24T06:00:00Z')
/** The last event, and the time at which everything late has been read again for the last time (35 minutes and a grid of 8). */
const LAST_EVENT = 90
export const SETTLED = LAST_EVENT + 60

/** What ended so long before the scene begins is history from its start on. */
const NEWS_MINUTES = 120
const FOREVER_MS = 24 * 3_600_000

/** Minutes that pass at once, when the last ones have been watched. */
const STEP = 3
/** A source that fails is left alone for ten minutes at most, so it must have been asked within so many. */
const ASKED_WITHIN = 15

/**
 * A moment that leaves something half done: a page of a window is read and nothing of it stored; a message is in the chat
 * and not noted; a batch is committed and not acknowledged.
 */
export const MOMENTS = ['poll', 'slack', 'web', 'acknowledge'] as const
export type Moment = (typeof MOMENTS)[number]

/** What a replica is told, in another process. */
export interface ReplicaScene {
  logLevel: 'warn' | 'info' | 'silent'
  config: object
  /** It ends itself as kill -9 does at this moment, once that has come so many times before. */
  dies?: { at: Moment; after: number }
  /** For an answer of a source. */
  timeoutMs?: number
}

/**
 * The scene's time. By itself it goes on when a replica has read and watched what there is, so that a slow machine plays
 * the same scene; from `go` on it runs `speed` times as fast as the wall.
 */
function createSceneClock(names: readonly string[], speed: number) {
  let steps = 0
  let since: number | null = null
  const minute = () => steps + (since === null ? 0 : ((performance.now() - since) * speed) / MINUTE_MS)
  const asked = new Map(names.map((name) => [name, 0]))
  const replicas = new Set<ChildProcess>()
  const now = () => new Date(BEGIN + minute() * MINUTE_MS)
  let watchedUntil = 0
  const goOn = () => {
    const isWatched = watchedUntil >= now().getTime() / MINUTE_MS - 1
    const isRead = [...asked.values()].every((last) => minute() - last <= ASKED_WITHIN)
    if (!isWatched || !isRead) return
    steps += STEP
    for (const each of replicas) if (each.connected) each.send(now().toISOString())
  }
  return {
    now,
    minute,
    go: () => {
      since ??= performance.now()
    },
    ask: (name: string) => {
      asked.set(name, minute())
      goOn()
    },
    /** Tells the replica the time, and hears from it how far it is. */
    attach: (replica: ChildProcess) => {
      replicas.add(replica)
      replica.once('exit', () => replicas.delete(replica))
      replica.send(now().toISOString())
      replica.on('message', (minute: number) => {
        watchedUntil = Math.max(watchedUntil, minute)
        goOn()
      })
    },
  }
}

interface LogsBody {
  start: string
  end: string
  pagination: { token?: string; limit: number }
}

/** Accounts at Mailgun, some of whose keys are refused for a while, and a Slack: real HTTP, on loopback. */
export async function openScene({ sources = 4, speed = 0, lastEvent = LAST_EVENT, holdsHistory = false } = {}) {
  const names = Array.from({ length: sources }, (_, i) => `account-${i}`)
  const clock = createSceneClock(names, speed)
  const requests: SceneRequest[] = []
  const held: string[] = []
  const truth = new Map<string, number>()
  const slack = await startSlackServer()
  const upstreams = await Promise.all(
    names.map((name, account) => {
      const log = createMailgunLog()
      for (let minute = -360; minute < lastEvent; minute++) {
        for (const { entry, visibleFrom } of entriesOf(account, minute)) {
          log.add(entry, visibleFrom)
          const outcome = entry.event === 'delivered' ? 'delivered' : 'deferred'
          const key = `${name} ${new Date(BEGIN + minute * MINUTE_MS).toISOString()} ${outcome}`
          truth.set(key, (truth.get(key) ?? 0) + 1)
        }
      }
      return startMailgunServer({
        key: KEY,
        log,
        now: () => clock.now(),
        fault: ({ body }) => {
          const { start, end, pagination } = body as LogsBody
          clock.ask(name)
          if (isRefused(account, clock.minute())) return { kind: 'status', status: 401 }
          const minuteOf = (date: string) => (Date.parse(date) - BEGIN) / MINUTE_MS
          if (holdsHistory && minuteOf(end) <= -NEWS_MINUTES) {
            if (!held.includes(name)) held.push(name)
            return { kind: 'hang' }
          }
          // One that only counts reads nothing.
          if (!pagination.token && pagination.limit > 1)
            requests.push({ source: name, from: minuteOf(start), to: minuteOf(end), at: clock.minute() })
          return null
        },
      })
    }),
  )
  const config = {
    server: { port: 0 },
    sources: names.map((id, i) => ({ id, type: 'mailgun', apiKey: KEY, baseUrl: upstreams[i]!.url })),
    chat: {
      slack: {
        mode: 'http',
        signingSecret: 'a-signing-secret-of-ours',
        botToken: BOT_TOKEN,
        channel: CHANNEL,
        apiUrl: slack.apiUrl,
      },
    },
    timing: { tickSeconds: 1, backfillDays: 0 },
  }
  return {
    clock,
    replica: (): ReplicaScene & { config: typeof config } => ({
      logLevel: 'silent',
      config,
      ...(holdsHistory && { timeoutMs: FOREVER_MS }),
    }),
    slack,
    names,
    /** The windows that were asked for, the first page of each. */
    requests,
    /** The sources of which history was asked for, and never answered. */
    held,
    /** How many results there are of each source, minute and outcome. */
    truth: () => [...truth].map(([key, n]) => `${key} ${n}`).sort(),
    close: async () => {
      await Promise.all([...upstreams.map((upstream) => upstream.close()), slack.close()])
    },
  }
}

/** A window that was asked for, in the scene's minutes. */
interface SceneRequest {
  source: string
  from: number
  to: number
  at: number
}

export type Scene = Awaited<ReturnType<typeof openScene>>

/** One account after the other loses its key for half an hour: long enough to be noticed between two kills. */
const isRefused = (account: number, minute: number) => {
  const from = 10 + 9 * account
  return account > 0 && minute >= from && minute < from + 30
}

/** Eight messages a minute, some told late; from minute 5 to 65, Gmail defers what one IP of the first account sends. */
export function entriesOf(account: number, minute: number): { entry: LogEntry; visibleFrom: Date }[] {
  return Array.from({ length: 8 }, (_, i) => {
    const isGmail = i % 2 === 0
    const isTrouble = account === 0 && isGmail && minute >= 5 && minute < 65
    const isUsual = (minute * 8 + i) % 61 === 0
    const at = new Date(BEGIN + minute * MINUTE_MS + i * 7000)
    const late = (minute + i) % 11 === 0 ? ((minute + i) % 20) * MINUTE_MS : 0
    return {
      entry: entry(account, minute, i, at, isGmail, isTrouble || isUsual),
      visibleFrom: new Date(at.getTime() + late),
    }
  })
}

function entry(account: number, minute: number, i: number, at: Date, isGmail: boolean, isDeferred: boolean): LogEntry {
  const domain = isGmail ? 'gmail.com' : 'outlook.com'
  return {
    id: `${account}-${minute}-${i}`,
    event: isDeferred ? 'failed' : 'delivered',
    '@timestamp': at.toISOString(),
    account: { id: `account-${account}` },
    domain: { name: 'news.example.com' },
    recipient: `reader${i}@${domain}`,
    'recipient-domain': domain,
    ...(isDeferred && { severity: 'temporary' as const }),
    envelope: { sender: 'bob@news.example.com', transport: 'smtp', 'sending-ip': `203.0.113.${account + 1}` },
    'delivery-status': isDeferred
      ? {
          code: 421,
          'enhanced-code': '4.7.28',
          message:
            '4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address',
        }
      : { code: 250, message: 'OK' },
  }
}
