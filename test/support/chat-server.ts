import { inspect } from 'node:util'
import { createHttp } from '../../src/http.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { ChatContext } from '../../src/ports/chat.ts'
import type { Log } from '../../src/ports/log.ts'
import { createMemoryJournal } from './web-journal.ts'

/** What a chat adapter is opened with, on the app's own HTTP server. */
export async function createChatServer() {
  const logged: string[] = []
  const log = createMemoryLog(logged)
  const http = createHttp({
    log,
    access: { token: undefined, isLoopback: true, hosts: [] },
    notReady: async () => null,
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
  })
  const journal = createMemoryJournal()
  const context: ChatContext = { routes: http.routes, journal, clock: systemClock, log }
  const url = await http.listen('127.0.0.1', 0)
  return {
    context,
    journal,
    logged,
    url,
    /** Ends every connection, as a restart does. */
    cut: async () => {
      await http.close()
      await http.listen('127.0.0.1', Number(new URL(url).port))
    },
    close: () => http.close(),
  }
}

/** Every line with all that belongs to it, errors with their stacks and causes. */
function createMemoryLog(lines: string[]): Log {
  const write = (fields: object, message: string) => {
    lines.push(`${message} ${inspect(fields, { depth: 8 })}`)
  }
  return { debug: write, info: write, warn: write, error: write, child: () => createMemoryLog(lines) }
}
