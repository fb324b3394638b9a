import pg from 'pg'
import type { Lease } from '../ports/store.ts'

export interface Leases {
  /** Takes the lease of that name, or returns null when another replica (or this one) has it. */
  take(name: string): Promise<Lease | null>
  close(): Promise<void>
}

/** For PGlite: no other process can have the database, so a set of names will do. */
export function processLeases(): Leases {
  const held = new Set<string>()
  return {
    take: async (name) => {
      if (held.has(name)) return null
      held.add(name)
      return { lost: new AbortController().signal, release: async () => void held.delete(name) }
    },
    close: async () => {},
  }
}

/**
 * Advisory locks, each on a connection of its own: the server frees them as soon as the connection ends, so that
 * another replica can go on at once after a kill -9.
 */
export function postgresLeases(connectionString: string): Leases {
  const held = new Set<pg.Client>()

  async function take(name: string): Promise<Lease | null> {
    const client = new pg.Client({ connectionString, application_name: `bouncebell ${name}`, keepAlive: true })
    const lost = new AbortController()
    client.on('error', () => {})
    client.on('end', () => lost.abort(new Error(`the connection that held the lease ${name} ended`)))
    await client.connect()
    const { rows } = await client.query<{ got: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as got',
      [`bouncebell ${name}`],
    )
    if (!rows[0]?.got) {
      await client.end()
      return null
    }
    held.add(client)
    const release = async () => {
      held.delete(client)
      client.removeAllListeners('end')
      await client.end()
    }
    return { lost: lost.signal, release }
  }

  return {
    take,
    close: async () => {
      for (const client of held) await client.end()
      held.clear()
    },
  }
}
