import { LogLevel, type webApi } from '@slack/bolt'
import type { Log } from '../../../src/ports/log.ts'

type BoltLogger = NonNullable<webApi.WebClientOptions['logger']>

/** Bolt's log lines into ours. Its debug lines quote whole payloads with their tokens, so they are dropped. */
export function toBoltLogger(log: Log): BoltLogger {
  const words = (parts: unknown[]) => `slack: ${parts.map(String).join(' ')}`
  return {
    debug: () => {},
    info: (...parts) => log.debug({}, words(parts)),
    warn: (...parts) => log.warn({}, words(parts)),
    error: (...parts) => log.error({}, words(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  }
}
