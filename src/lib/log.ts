import { pino, stdSerializers } from 'pino'
import { PinoPretty } from 'pino-pretty'
import { isFault } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** `lines` for people at a terminal, `json` for everything that collects logs. */
  format: 'lines' | 'json'
  /** For `lines`: NO_COLOR and a missing terminal turn it off. */
  color: boolean
}

// A second net: adapters must not log these, and if one does they do not get out.
const SECRETS = ['apiKey', 'token', 'botToken', 'appToken', 'signingSecret', 'password', 'authorization', 'secret']

export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: null,
    serializers: { err: errorForLog },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  }
  if (options.format === 'json') return pino(settings)
  const lines = PinoPretty({
    colorize: options.color,
    colorizeObjects: false,
    translateTime: 'HH:MM:ss',
    ignore: 'pid,hostname,name',
    singleLine: true,
    // Synchronous, so that the last lines before an exit are not lost.
    sync: true,
  })
  return pino(settings, lines)
}

/** A fault is told by its message; where in the code it came up helps nobody. */
function errorForLog(error: Error): object {
  return isFault(error) ? { type: error.name, remedy: error.remedy } : stdSerializers.err(error)
}

/** Whether colours are wanted, by the convention of no-color.org. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
}
