import { setTimeout as wait } from 'node:timers/promises'
import { follow } from '../../src/jobs/stream.ts'
import { createLog } from '../../src/lib/log.ts'
import type { EspSource } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { PLAIN_TALLY } from './store-tally.ts'

export const silentLog = createLog({ level: 'silent', format: 'json', color: false })

/** Resolves when it is so. A test that waits in vain is ended by the time that it has. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(20)
}

/** Follows a stream source at the time `now`, with pauses a hundred times as short, until it is ended. */
export function startFollowing(store: Store, name: string, source: EspSource, now: () => Date, log = silentLog) {
  if (source.kind !== 'stream') throw new Error('a stream is followed')
  const stop = new AbortController()
  const clock = { now, sleep: (ms: number, signal?: AbortSignal) => wait(ms / 100, undefined, signal && { signal }) }
  const running = follow({ name, type: 'test', source }, { store, clock, log, tally: PLAIN_TALLY }, stop.signal)
  return async () => {
    stop.abort()
    await running
  }
}
