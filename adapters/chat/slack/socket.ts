import { setTimeout as wait } from 'node:timers/promises'
import type { SocketModeReceiver } from '@slack/bolt'
import type { Log } from '../../../src/ports/log.ts'
import { toFault } from './faults.ts'

/** In ms, by the number of failures in a row. Slack renews every connection after some hours: that is none. */
const PAUSES = [0, 1000, 2000, 5000, 10_000, 30_000]

/**
 * Keeps a Socket Mode connection until the returned function is called: https://docs.slack.dev/apis/events-api/using-socket-mode
 * Resolves after the first attempt, whether it succeeded or not: Slack being away must not keep Bouncebell from starting.
 */
export async function stayConnected(client: SocketModeReceiver['client'], log: Log): Promise<() => Promise<void>> {
  const { signal, abort } = stopSignal()
  let failures = 0

  /** One connection from its opening to its end. */
  async function connection(opened: () => void): Promise<void> {
    const ended = Promise.withResolvers<void>()
    client.once('disconnected', ended.resolve)
    try {
      await client.start()
      if (failures > 0) log.info({}, 'Slack is connected again')
      failures = 0
      opened()
      await ended.promise
    } catch (error) {
      failures += 1
      if (signal.aborted) return
      const { message, remedy } = toFault(error)
      log.warn({ failures, remedy }, `no connection to Slack: ${message}`)
    } finally {
      client.off('disconnected', ended.resolve)
    }
  }

  const first = Promise.withResolvers<void>()
  const running = (async () => {
    while (!signal.aborted) {
      await connection(first.resolve)
      first.resolve()
      await wait(PAUSES[Math.min(failures, PAUSES.length - 1)], undefined, { signal }).catch(() => {})
    }
  })()
  await first.promise

  return async () => {
    abort()
    void client.disconnect()
    await running
  }
}

function stopSignal() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
