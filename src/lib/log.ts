import { type DestinationStream, type LogFn, type Logger, pino, stdSerializers } from 'pino'
import { PinoPretty } from 'pino-pretty'
import { isFault } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import { redact } from '../smtp/redact.ts'

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** `lines` for people at a terminal, `json` for everything that collects logs. */
  format: 'lines' | 'json'
  /** For `lines`: NO_COLOR and a missing terminal turn it off. */
  color: boolean
}

// A second net: adapters must not log these, and if one does they do not get out.
const SECRETS = ['apiKey', 'token', 'botToken', 'appToken', 'signingSecret', 'password', 'authorization', 'secret']

/** `json` goes to standard output, or where a test wants it. */
export function createLog(options: LogOptions, destination?: DestinationStream): Log {
  const settings = {
    level: options.level,
    base: null,
    serializers: { err: errorForLog },
    hooks: {
      logMethod(this: Logger, parts: Parameters<LogFn>, write: LogFn) {
        write.apply(this, parts.map(withoutAddresses) as Parameters<LogFn>)
      },
    },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  }
  if (options.format === 'json') return destination ? pino(settings, destination) : pino(settings)
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

/** A third net, for words from outside: what is logged holds no address, whoever says it. */
function withoutAddresses(part: unknown): unknown {
  if (typeof part === 'string') return redact(part)
  if (part === null || typeof part !== 'object' || part instanceof Error) return part
  const fields = Object.entries(part).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value])
  return Object.fromEntries(fields)
}

/** A fault is told by its message; where in the code it came up helps nobody. */
function errorForLog(error: Error): object {
  if (isFault(error)) return { type: error.name, remedy: error.remedy }
  // A database tells in further fields which values it refused: they are left out.
  const { type, message, stack } = stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type, message: redact(message), stack: redact(stack), ...code }
}

/** Whether colours are wanted, by the convention of no-color.org. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
}
