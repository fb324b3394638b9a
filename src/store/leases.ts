import pg from 'pg'
import type { Lease } from '../ports/store.ts'

export interface Leases {
  /** Takes the lease of that name, or returns null when another replica (or this one) has it. */
  take(name: string): Promise<Lease | null>
  close(): Promise<void>
}

// For the server to notice within half a minute when a machine or the network is gone, instead of in two hours.
// https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
const KEEPALIVE = '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

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

/**
 * Advisory locks of one connection that does nothing else. The server frees them as soon as it ends, so that another
 * replica can go on at once after a kill -9; a lease with a time to live would keep it waiting.
 */
export function postgresLeases(connectionString: string): Leases {
  /** Locks are counted within a session, so what this process holds has to be known here. */
  const held = new Map<string, AbortController>()
  let session: Promise<pg.Client> | null = null
  /** The last question asked: a connection answers one at a time. */
  let asked: Promise<unknown> = Promise.resolve()

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString, application_name: 'bouncebell leases', options: KEEPALIVE })
    client.on('error', () => {})
    client.on('end', () => {
      session = null
      for (const lost of held.values()) lost.abort(new Error('the connection that held the lease ended'))
      held.clear()
    })
    await client.connect()
    return client
  }

  function ask(question: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string): Promise<boolean> {
    const answer = asked.then(() => query(question, name))
    asked = answer.catch(() => {})
    return answer
  }

  async function query(question: string, name: string): Promise<boolean> {
    session ??= connect().catch((error: unknown) => {
      session = null
      throw error
    })
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
      const got = await ask('pg_try_advisory_lock', name).catch((error: unknown) => {
        held.delete(name)
        throw error
      })
      if (!got) {
        held.delete(name)
        return null
      }
      const release = async () => {
        if (held.get(name) !== lost) return
        await ask('pg_advisory_unlock', name)
        held.delete(name)
      }
      return { lost: lost.signal, release }
    },
    close: async () => {
      await asked
      await (await session)?.end()
    },
  }
}
