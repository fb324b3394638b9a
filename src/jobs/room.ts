import { roomAgainCard, stoppedCard } from '../cards/no-room.ts'
import type { Clock } from '../ports/clock.ts'
import type { StreamSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Shortage, Store } from '../ports/store/index.ts'
import type { DirectAlerts } from './direct.ts'

/** How often to check whether there is room again. */
const LOOK_EVERY_MS = 5000

/** Whether there is room for more in the database. */
export interface Room {
  /** True while nothing should be read. Says so in the log when that changes. */
  isShort(): boolean
  /** The stream, which waits for room with what it has to tell. */
  inFront(source: StreamSource): StreamSource
}

export interface RoomOptions {
  store: Pick<Store, 'shortage'>
  clock: Clock
  log: Log
}

export function createRoom({ store, clock, log }: RoomOptions): Room {
  let wasShort = false

  function isShort(): boolean {
    const shortage = store.shortage()
    if (shortage && !wasShort) log.error({}, `${shortage.problem}. ${shortage.remedy}`)
    if (!shortage && wasShort) log.info({}, 'there is room for the database again; reading continues')
    wasShort = shortage !== null
    return wasShort
  }

  return {
    isShort,
    inFront: (source) => ({
      ...source,
      run: ({ position, deliver }, signal) =>
        source.run(
          {
            position,
            deliver: async (batch) => {
              while (isShort()) await clock.sleep(LOOK_EVERY_MS, signal)
              await deliver(batch)
            },
          },
          signal,
        ),
    }),
  }
}

/**
 * Tells in the chats when there is too little room for the database to do anything: the alert about the disk could not
 * be stored, nor could its delivery. Until `signal`.
 */
export async function watchForRoom(
  options: RoomOptions & { alerts: DirectAlerts },
  signal: AbortSignal,
): Promise<void> {
  const { clock, alerts } = options
  let key: string | null = null
  while (!signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {})
    const shortage = shortageOf(options)
    if (shortage?.isTotal) {
      key ??= `no room since ${clock.now().toISOString()}`
      await alerts.tell(key, stoppedCard(shortage))
    }
    // Not before there is enough: what hovers about the limit is one alert.
    if (key === null || shortage !== null) continue
    await alerts.over(key, roomAgainCard)
    key = null
  }
}

/** Undefined where it is not known, as when the directory is gone; who reads or writes says so. */
function shortageOf({ store, log }: RoomOptions): Shortage | null | undefined {
  try {
    return store.shortage()
  } catch (error) {
    log.debug({ err: error }, 'the free space is not known')
    return undefined
  }
}
