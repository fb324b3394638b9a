import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Lease } from '../ports/store/index.ts'
import type { Connections } from './connections.ts'

export interface Leases {
  /** Takes the lease of that name, or returns null when another replica (or this one) has it. */
  take(name: string): Promise<Lease | null>
  close(): Promise<void>
}

/** How often the session that holds leases is asked whether it is still there. */
const ASK_EVERY_MS = 5000

/** For PGlite: no other process can have the database, so a set of names will do. */
export function processLeases(): Leases {
  const held = new Set<string>()
  const never = new AbortController().signal
  return {
    take: async (name) => {
      if (held.has(name)) return null
      held.add(name)
      return { lost: never, release: async () => void held.delete(name) }
    },
    close: async () => {},
  }
}

export interface PostgresLeasesOptions {
  connectionString: string
  connections: Connections
  askEveryMs?: number
}

/**
 * Advisory locks of one connection that does nothing else. The server frees them as soon as it ends, so that another
 * replica can go on at once after a kill -9; a lease with a time to live would keep it waiting.
 */
export function postgresLeases(options: PostgresLeasesOptions): Leases {
  const { connectionString, connections, askEveryMs = ASK_EVERY_MS } = options
  /** Locks are counted within a session, so what this process holds has to be known here. */
  const held = new Map<string, AbortController>()
  let session: Promise<pg.Client> | null = null
  /** The last question asked: a connection answers one at a time. */
  let asked: Promise<unknown> = Promise.resolve()
  const closing = new AbortController()

  function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString,
      application_name: 'bouncebell leases',
      ...connections.limits('leases'),
    })
    client.on('error', () => {})
    const connected = client.connect().then(() => client)
    client.once('end', () => {
      // One that never came about ends too, maybe when another is in use already.
      if (session !== connected) return
      session = null
      for (const lost of held.values()) lost.abort(new Error('the connection that held the lease ended'))
      held.clear()
    })
    connected.then(
      () => watchOver(client),
      () => {
        if (session === connected) session = null
      },
    )
    return connected
  }

  /** A network that swallows everything tells nobody. Whoever holds a lease has to know before the server gives it away. */
  async function watchOver(client: pg.Client): Promise<void> {
    let isAlive = true
    client.once('end', () => {
      isAlive = false
    })
    while (isAlive && !closing.signal.aborted) {
      await wait(askEveryMs, undefined, { signal: closing.signal, ref: false }).catch(() => {})
      if (!isAlive || closing.signal.aborted) return
      // The socket ends by itself when no answer comes.
      await inTurn(() => client.query('select 1')).catch(() => {})
    }
  }

  function inTurn<T>(question: () => Promise<T>): Promise<T> {
    const answer = asked.then(question)
    asked = answer.catch(() => {})
    return answer
  }

  async function query(question: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string): Promise<boolean> {
    session ??= connect()
    const client = await session
    const text = `select ${question}(hashtextextended($1, 0)) as answer`
    const { rows } = await client.query<{ answer: boolean }>(text, [`bouncebell ${name}`])
    return rows[0]?.answer === true
  }

  return {
    take: async (name) => {
      if (held.has(name)) return null
      const lost = new AbortController()
      held.set(name, lost)
      const forget = () => {
        if (held.get(name) === lost) held.delete(name)
      }
      const got = await inTurn(() => query('pg_try_advisory_lock', name)).catch((error: unknown) => {
        forget()
        throw error
      })
      if (!got) {
        forget()
        return null
      }
      const release = async () => {
        if (held.get(name) !== lost) return
        try {
          await inTurn(() => query('pg_advisory_unlock', name))
          forget()
        } catch (error) {
          // The server frees what a session held when that ends; kept open, it would hold this one forever.
          await session?.then((client) => client.end()).catch(() => {})
          throw error
        }
      }
      return { lost: lost.signal, release }
    },
    close: async () => {
      closing.abort()
      await asked
      const client = await session?.catch(() => null)
      await client?.end()
    },
  }
}
