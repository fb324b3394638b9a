import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import type { Log } from '../../../src/ports/log.ts'
import type { Session } from './guard.ts'
import { renderNote, renderRoot } from './render.ts'

/** How often the journal is asked for what other replicas wrote, in ms; what is written here is sent at once. */
const POLL_MS = 1000
/** Proxies cut what is silent for a minute, and the page needs the time of the server's clock. */
const HEARTBEAT_MS = 5000
const MAX_READERS = 200
/** A reader that leaves this much unread, in bytes, is cut off; it comes back and catches up. */
const MAX_UNREAD = 4 * 1024 * 1024

interface Reader {
  response: ServerResponse
  session: Session
  revision: bigint
}

export interface Feed {
  /** Sends everything after `revision`, now and from now on, as server-sent events whose id is the revision. */
  join(response: ServerResponse, session: Session, revision: bigint): Promise<void>
  /** Something was written: look now instead of at the next tick. */
  wake(): void
  close(): void
}

export function createFeed(channel: string, journal: Journal, clock: Clock, log: Log): Feed {
  const readers = new Set<Reader>()
  let timers: NodeJS.Timeout[] = []
  let running = false
  let again = false

  const send = (reader: Reader, text: string) => {
    if (reader.response.writableLength > MAX_UNREAD) reader.response.destroy()
    else reader.response.write(text)
  }

  async function round() {
    // Readers mostly stand at the same revision: one question each.
    const batches = new Map<bigint, ReturnType<Journal['since']>>()
    for (const reader of [...readers]) {
      const asked = batches.get(reader.revision) ?? journal.since(channel, reader.revision)
      batches.set(reader.revision, asked)
      const { revision, entries } = await asked
      reader.revision = revision
      if (entries.length === 0) continue
      // A message before its thread: a later edit may have moved it behind.
      const ordered = entries.toSorted((a, b) => Number(a.parent !== null) - Number(b.parent !== null))
      const changes = ordered.map((entry) => ({
        id: entry.id,
        parent: entry.parent,
        title: entry.card.title,
        html: (entry.parent ? renderNote(entry) : renderRoot(entry, reader.session.form)).markup,
      }))
      send(reader, `id: ${revision}\nevent: entries\ndata: ${JSON.stringify(changes)}\n\n`)
    }
  }

  // One round at a time, so that nothing is sent twice or out of order.
  async function wake() {
    again = true
    if (running) return
    running = true
    while (again && readers.size > 0) {
      again = false
      await round().catch((error: unknown) => log.warn({ err: error }, 'the web page could not read its messages'))
    }
    running = false
  }

  const beat = () => {
    for (const reader of readers) send(reader, `event: time\ndata: ${clock.now().toISOString()}\n\n`)
  }

  const stop = () => {
    for (const timer of timers) clearInterval(timer)
    timers = []
  }

  return {
    async join(response, session, revision) {
      // Listened for from the start: a browser that goes while it is being let in says so only once.
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const { revision: head } = await journal.latest(channel, 0)
      if (gone.signal.aborted) return
      if (readers.size >= MAX_READERS) {
        response.writeHead(503, { 'retry-after': '30' }).end('Too many open pages.\n')
        return
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      // The journal was begun anew: what the page shows is of another one.
      const isOfAnother = revision > head
      if (isOfAnother) response.write('event: reload\ndata:\n\n')
      const reader = { response, session, revision: isOfAnother ? head : revision }
      readers.add(reader)
      gone.signal.addEventListener('abort', () => {
        readers.delete(reader)
        if (readers.size === 0) stop()
      })
      send(reader, `retry: 2000\nevent: time\ndata: ${clock.now().toISOString()}\n\n`)
      if (timers.length === 0) timers = [setInterval(wake, POLL_MS), setInterval(beat, HEARTBEAT_MS)]
      void wake()
    },
    wake: () => void wake(),
    close() {
      stop()
      for (const { response } of readers) response.end()
    },
  }
}
