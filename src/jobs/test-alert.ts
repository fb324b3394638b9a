import { testAlertCard } from '../cards/test-alert.ts'
import { openBlind } from '../incident/blind.ts'
import type { Incident } from '../incident/incident.ts'
import type { ChannelRef, ChatPlatform } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import { isFault } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { MessageRecord } from '../ports/store/index.ts'
import { deliver } from './deliver.ts'

export interface Place {
  platform: ChatPlatform
  channel: string
}

/** What became of the test alert in one place; `problem` is null where it arrived. */
export interface TestAlertResult {
  place: string
  problem: string | null
  remedy: string | null
}

const PATIENCE_MS = 20_000

/**
 * Posts a test alert to every place, by the job that delivers alerts. Its incident is in no store: it is not to be counted,
 * listed or acknowledged.
 */
export async function sendTestAlert(
  places: readonly Place[],
  options: { clock: Clock; log: Log },
): Promise<TestAlertResult[]> {
  const at = options.clock.now()
  const opened = { source: `test alert of ${at.toISOString()}`, since: at, problem: 'a test', remedy: '' }
  const { incident } = openBlind(opened, at)
  return Promise.all(places.map((place) => post(place, { ...incident, version: 1 }, options)))
}

async function post(
  { platform, channel }: Place,
  incident: Incident,
  { clock, log }: { clock: Clock; log: Log },
): Promise<TestAlertResult> {
  const to: ChannelRef = { platform: platform.id, channel }
  const place = `${platform.id} ${channel}`
  let record: MessageRecord | null = null
  let refusal: unknown = null
  const store = {
    incidents: { get: async () => incident, audit: async () => [] },
    messages: {
      get: async () => record,
      save: async (saved: MessageRecord) => {
        record = saved
      },
    },
  }
  // The job puts off what is refused until somebody has fixed it; here somebody waits to hear of it.
  const observed: ChatPlatform = {
    ...platform,
    post: (...given) =>
      platform.post(...given).catch((error: unknown) => {
        refusal = error
        throw error
      }),
  }
  const card = () => testAlertCard(incident.openedAt)
  const cards = { cardOf: card, entryCard: card, summaryCard: card }
  try {
    const work = { incidentId: incident.id, to }
    const chats = new Map([[platform.id, observed]])
    await deliver(work, { store, chats, clock, log, ...cards }, AbortSignal.timeout(PATIENCE_MS))
  } catch (error) {
    refusal = error
  }
  if (refusal === null) return { place, problem: null, remedy: null }
  const problem = refusal instanceof Error ? refusal.message : String(refusal)
  return { place, problem, remedy: isFault(refusal) ? refusal.remedy : null }
}
