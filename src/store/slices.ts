import { sql } from 'kysely'
import type { Slice } from '../detect/finding.ts'
import type { CounterRow } from '../ports/store/index.ts'
import type { Db } from './db.ts'

type Dims = CounterRow['slice']

/** Numbers for slices, so that a counter is a few integers. A slice's number never changes, so it is remembered. */
export interface SliceIds {
  /** The numbers of these slices of one source, in their order. Must not be called inside a transaction. */
  ids(sourceId: number, slices: readonly Dims[]): Promise<number[]>
  /** The slices of those numbers. */
  byId(ids: Iterable<number>): Promise<ReadonlyMap<number, Slice>>
}

const keyOf = (sourceId: number, s: Dims) =>
  JSON.stringify([sourceId, s.provider, s.ip, s.senderDomain, s.stream, s.campaign])

export function createSliceIds(db: Db): SliceIds {
  const known = new Map<string, number>()
  const slices = new Map<number, Slice>()

  async function load(sourceId: number, missing: Dims[]): Promise<void> {
    const columns = [
      missing.map((s) => s.provider),
      missing.map((s) => s.ip),
      missing.map((s) => s.senderDomain),
      missing.map((s) => s.stream),
      missing.map((s) => s.campaign),
    ].map((column) => sql`${column}::text[]`)
    // Committed by itself: an unused row does no harm, and a number is only remembered once it is safe.
    await sql`
      insert into slices (source_id, provider, ip, sender_domain, stream, campaign)
      select ${sourceId}::int, t.* from unnest(${sql.join(columns)}) as t
      order by 2, 3, 4, 5, 6
      on conflict do nothing`.execute(db)
    const { rows } = await sql<{ id: number; place: number }>`
      select s.id, t.place::int as place
      from unnest(${sql.join(columns)}) with ordinality as t (provider, ip, sender_domain, stream, campaign, place)
      join slices s using (provider, ip, sender_domain, stream, campaign)
      where s.source_id = ${sourceId}`.execute(db)
    for (const { id, place } of rows) known.set(keyOf(sourceId, missing[place - 1]!), id)
  }

  return {
    ids: async (sourceId, wanted) => {
      const missing = new Map<string, Dims>()
      for (const slice of wanted) {
        const key = keyOf(sourceId, slice)
        if (!known.has(key)) missing.set(key, slice)
      }
      if (missing.size > 0) await load(sourceId, [...missing.values()])
      return wanted.map((slice) => known.get(keyOf(sourceId, slice))!)
    },
    byId: async (ids) => {
      const missing = new Set<number>()
      for (const id of ids) if (!slices.has(id)) missing.add(id)
      if (missing.size > 0) {
        const { rows } = await sql<Slice & { id: number }>`
          select s.id, o.name as source, s.provider, s.ip, s.sender_domain as "senderDomain", s.campaign
          from slices s join sources o on o.id = s.source_id
          where s.id = any(${[...missing]}::int[])`.execute(db)
        for (const { id, ...slice } of rows) slices.set(id, slice)
      }
      return slices
    },
  }
}
