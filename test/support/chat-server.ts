import { createHttp } from '../../src/http.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { ChatContext } from '../../src/ports/chat.ts'
import { createMemoryJournal } from './web-journal.ts'

/** What a chat adapter is opened with, on the app's own HTTP server. */
export async function createChatServer() {
  const log = createLog({ level: 'silent', format: 'json', color: false })
  const http = createHttp({
    log,
    notReady: async () => null,
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
  })
  const journal = createMemoryJournal()
  const context: ChatContext = { routes: http.routes, journal, clock: systemClock, log }
  return { context, journal, url: await http.listen('127.0.0.1', 0), close: () => http.close() }
}
