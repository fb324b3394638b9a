import type { Clock } from '../ports/clock.ts'
import type { StreamSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store/index.ts'

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
