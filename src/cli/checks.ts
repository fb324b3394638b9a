import { limitsOf } from '../jobs/source-limits.ts'
import { checkPort } from '../lib/port.ts'
import type { ChatPlatform } from '../ports/chat.ts'
import { isFault } from '../ports/errors.ts'
import type { EspFacts, EspSource } from '../ports/esp.ts'

/** Long enough for a slow API, short enough for a person who waits. */
const PATIENCE_MS = 15_000

export interface Check {
  name: string
  /** What it can and cannot tell, shown when the check passes. */
  notes: string[]
  /** Longer than is usual, in milliseconds. */
  patienceMs?: number
  run(signal: AbortSignal): Promise<void>
}

export interface CheckResult {
  name: string
  ok: boolean
  lines: string[]
}

export function sourceCheck(id: string, facts: EspFacts, source: EspSource): Check {
  return { name: `source ${id} (${facts.name})`, notes: limitsOf(facts), run: (signal) => source.ping(signal) }
}

export function portCheck({ host, port }: { host: string; port: number }): Check {
  return {
    name: `port ${port}`,
    notes: [],
    run: async (signal) => {
      await checkPort(host, port, signal)
    },
  }
}

export function chatCheck(chat: ChatPlatform): Check {
  return { name: `chat ${chat.id}`, notes: [], run: () => chat.ping() }
}

/** Runs every check at once and yields the results in order. Never throws: a check that fails says what is wrong and what to do. */
export async function* examine(checks: readonly Check[]): AsyncGenerator<CheckResult> {
  for (const result of checks.map(outcome)) yield await result
}

async function outcome({ name, notes, patienceMs = PATIENCE_MS, run }: Check): Promise<CheckResult> {
  const signal = AbortSignal.timeout(patienceMs)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${patienceMs / 1000} s`)))
  })
  try {
    await Promise.race([run(signal), late])
    return { name, ok: true, lines: notes }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { name, ok: false, lines: isFault(error) ? [message, error.remedy] : [message] }
  }
}
