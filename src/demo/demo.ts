import { randomUUID } from 'node:crypto'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { createDemoClock } from './clock.ts'
import { createFeed } from './feed.ts'
import type { Label } from './incidents.ts'
import { createMailgunLog } from './mailgun-log.ts'
import { startMailgunServer } from './mailgun-server.ts'
import { createRandom } from './random.ts'
import { DAYS, PHASE, QUIET_DAYS, storyOf, TOWN } from './story.ts'
import { createTraffic, type Traffic } from './traffic.ts'

const MINUTE_MS = 60_000
const QUIET_MINUTES = QUIET_DAYS * 1440

export interface DemoOptions {
  seed: number
  log: Log
  /** The wall's time, at which the demo's clock starts. */
  start: Date
  /** How much faster than the wall the demo's clock runs. */
  speed?: number
}

export interface Demo {
  clock: Clock
  speed: number
  /** What a bouncebell.yaml would say to watch it: parsed like one, so the demo runs like any installation. */
  config: {
    sources: { id: string; type: 'mailgun'; apiKey: string; baseUrl: string }[]
    timing: { tickSeconds: number; backfillDays: number }
    chat: { web: { banner: string } }
  }
  stop(): Promise<void>
}

/**
 * A made-up sender and the log of its ESP: a stand-in for Mailgun on loopback with a quiet week behind it, and trouble
 * ahead. It has to be read with a clock that runs as fast as its own, which is `clock`.
 */
export async function startDemo({ seed, log, start, speed = 60 }: DemoOptions): Promise<Demo> {
  // On a whole minute, so that the same seed gives the same counts whenever it is started.
  const began = new Date(Math.floor(start.getTime() / MINUTE_MS) * MINUTE_MS)
  const origin = new Date(began.getTime() - QUIET_MINUTES * MINUTE_MS)
  const clock = createDemoClock(began, speed)
  const traffic = createTraffic({
    seed,
    days: DAYS,
    topology: TOWN,
    incidents: storyOf(createRandom(seed + 1)),
    phase: PHASE,
    noise: 0.5,
    hiccups: 0.02,
  })
  const feed = createFeed({
    traffic,
    log: createMailgunLog(),
    origin,
    random: createRandom(seed + 2),
    onMinute: (minute) => narrate(minute, traffic, log),
  })
  const server = await startMailgunServer({
    key: randomUUID(),
    now: () => clock.now(),
    log: {
      ...feed,
      find(...wanted) {
        // However long the start takes, nothing happens before somebody looks.
        clock.go()
        return feed.find(...wanted)
      },
    },
  })
  const { url, key } = server
  log.info({}, `demo: a stand-in for Mailgun at ${url} has a quiet week of mail; its clock runs ${speed} times as fast`)
  return {
    clock,
    speed,
    config: {
      sources: [{ id: 'lakeside', type: 'mailgun', apiKey: key, baseUrl: url }],
      timing: { tickSeconds: 1, backfillDays: QUIET_DAYS },
      chat: { web: { banner: `This is a demo: made-up mail, and a clock that runs ${speed} times as fast as yours.` } },
    },
    stop: () => server.close(),
  }
}

/** Says what is played, so that one can compare it with what is noticed. */
function narrate(minute: number, { labels, slices, minutes }: Traffic, log: Log) {
  for (const label of labels) {
    if (minute === label.from) log.info({}, `demo: ${describe(label, slices)} begins`)
    if (minute === label.to) log.info({}, `demo: ${describe(label, slices)} is over`)
  }
  if (minute === minutes - 1) log.info({}, 'demo: this was all of the made-up mail; start it again for more')
}

const NAMES: Record<Label['kind'], string> = {
  block_sudden: 'a block',
  ip_blocklist: 'an entry in block lists',
  throttle_ramp: 'throttling',
  slow_ramp: 'a slow rise of failures',
  lowvol_block: 'a block at low volume',
  global_outage: 'an outage of everything',
  blip: 'a blip (not to be noticed)',
  stale_list: 'a stale recipient list (no block)',
  volume_drop: 'a drop in volume (not to be noticed)',
  late_skew: 'late reporting of deliveries (not to be noticed)',
  api_gap: 'a gap in the log (not to be noticed)',
}

function describe(label: Label, all: Traffic['slices']): string {
  const slices = label.slices.map((index) => all[index]!)
  const providers = [...new Set(slices.map(({ provider }) => provider))]
  const ips = [...new Set(slices.map(({ ip }) => ip))]
  const at = providers.length > 3 ? `${providers.length} mailbox providers` : providers.join(', ')
  return `${NAMES[label.kind]} at ${at} for ${ips.join(', ')}`
}
