import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'

/** `EX_SOFTWARE` of sysexits.h: an internal error. */
export const STUCK_EXIT_CODE = 70
const STUCK_MS = 60_000
const BEATS_PER_LIMIT = 20

export interface Watchdog {
  /** From now on the process is to end: where its event loop is stuck on the way, it is ended after this time. */
  expectEnd(limitMs: number): void
  stop(): Promise<void>
}

/**
 * Ends the process when its event loop has been stuck for a minute: it would do nothing, hear no signal, and nobody would
 * know. A thread of its own looks, since what is stuck cannot. Whoever runs Bouncebell (Docker, systemd) starts it again.
 */
export function startWatchdog(limitMs = STUCK_MS): Watchdog {
  // Somebody who debugs stops it on purpose.
  if (debuggerUrl() !== undefined) return { expectEnd: () => {}, stop: async () => {} }
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const pulse = setInterval(() => Atomics.add(beats, 0, 1), limitMs / BEATS_PER_LIMIT)
  pulse.unref()
  const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
    workerData: { beats, limitMs, exitCode: STUCK_EXIT_CODE },
  })
  thread.unref()
  // Without it, Bouncebell works as well as before there was one.
  thread.on('error', () => {})
  return {
    expectEnd: (ms) => thread.postMessage(ms),
    stop: async () => {
      clearInterval(pulse)
      await thread.terminate()
    },
  }
}
