import type { Watchdog } from '../lib/watchdog.ts'
import type { Log } from '../ports/log.ts'

/** Docker sends SIGKILL after ten seconds. https://docs.docker.com/reference/cli/docker/container/stop/ */
const STOP_AT_LATEST_MS = 9500
/** Ctrl-C under npm comes twice: from the terminal, and from npm. Within this time it is one request. */
const ONE_REQUEST_MS = 1000

/** The first request to stop is heard; a later one ends the process as it is. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let heardAt: number | null = null
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (heardAt !== null && performance.now() - heardAt > ONE_REQUEST_MS) process.exit(1)
        heardAt ??= performance.now()
        resolve(name)
      })
    }
  })
}

/** A little later than the timer, which says more and needs no inspector. */
const STUCK_AT_LATEST_MS = STOP_AT_LATEST_MS + 500

/** Whatever still waits by then (a chat, a database, a name server), an operator who asked for the end gets it. */
export function exitAtLatest(log: Log, watchdog: Pick<Watchdog, 'expectEnd'>) {
  watchdog.expectEnd(STUCK_AT_LATEST_MS)
  const exit = () => {
    log.error({}, `Bouncebell did not stop within ${STOP_AT_LATEST_MS / 1000} s and was ended; nothing is lost`)
    process.exit(1)
  }
  // Where nothing is left to do, the process is gone before.
  setTimeout(exit, STOP_AT_LATEST_MS).unref()
}
