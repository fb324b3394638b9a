import { sql } from 'kysely'
import type { Slice } from '../detect/state/slice.ts'
import { createBoundedMap } from '../lib/bounded-map.ts'
import type { CounterRow } from '../ports/store/index.ts'
import type { Db } from './db.ts'

type Dims = CounterRow['slice']

/** Slices that are remembered: more than the largest sender that was measured has, ten times over. */
const REMEMBERED = 100_000

/** Numbers for slices, so that a counter is a few integers. A slice's number never changes, so it is remembered. */
export interface SliceIds {
  /**
   * The numbers of these slices of one source, in their order. Their counters are of `day` (from 1970) or before: until
   * such counters are dropped, the slices stay. Must not be called inside a transaction.
   */
  ids(sourceId: number, slices: readonly Dims[], day: number): Promise<number[]>
  /** The slices of those numbers. */
  byId(ids: Iterable<number>): Promise<ReadonlyMap<number, Slice>>
}

const keyOf = (sourceId: number, s: Dims) =>
  JSON.stringify([sourceId, s.provider, s.ip, s.senderDomain, s.stream, s.campaign])

export function createSliceIds(db: Db, remembered = REMEMBERED): SliceIds {
  const known = createBoundedMap<string, { id: number; day: number }>(remembered)
  const slices = createBoundedMap<number, Slice>(remembered)

  async function load(sourceId: number, missing: ReadonlyMap<string, Dims>, day: number): Promise<Map<string, number>> {
    const wanted = [...missing]
    const columns = [
      wanted.map(([, s]) => s.provider),
      wanted.map(([, s]) => s.ip),
      wanted.map(([, s]) => s.senderDomain),
      wanted.map(([, s]) => s.stream),
      wanted.map(([, s]) => s.campaign),
    ].map((column) => sql`${column}::text[]`)
    // Committed by itself: an unused row does no harm, and a number is only remembered once it is safe.
    await sql`
      insert into slices (source_id, provider, ip, sender_domain, stream, campaign, used_on)
      select ${sourceId}::int, t.*, date '1970-01-01' + ${day}::int from unnest(${sql.join(columns)}) as t
      order by 2, 3, 4, 5, 6
      on conflict (source_id, provider, ip, sender_domain, stream, campaign) do update
      set used_on = excluded.used_on where slices.used_on < excluded.used_on`.execute(db)
    const { rows } = await sql<{ id: number; place: number }>`
      select s.id, t.place::int as place
      from unnest(${sql.join(columns)}) with ordinality as t (provider, ip, sender_domain, stream, campaign, place)
      join slices s using (provider, ip, sender_domain, stream, campaign)
      where s.source_id = ${sourceId}`.execute(db)
    for (const { id, place } of rows) known.set(wanted[place - 1]![0], { id, day })
    return new Map(rows.map(({ id, place }) => [wanted[place - 1]![0], id]))
  }

  return {
    ids: async (sourceId, wanted, day) => {
      const keys = wanted.map((slice) => keyOf(sourceId, slice))
      const found = new Map<string, number>()
      const missing = new Map<string, Dims>()
      for (const [i, key] of keys.entries()) {
        const slice = known.get(key)
        if (slice && slice.day >= day) found.set(key, slice.id)
        else missing.set(key, wanted[i]!)
      }
      if (missing.size > 0) for (const [key, id] of await load(sourceId, missing, day)) found.set(key, id)
      return keys.map((key) => found.get(key)!)
    },
    byId: async (ids) => {
      const found = new Map<number, Slice>()
      const missing: number[] = []
      for (const id of ids) {
        const slice = slices.get(id)
        if (slice) found.set(id, slice)
        else missing.push(id)
      }
      if (missing.length > 0) {
        const { rows } = await sql<Slice & { id: number }>`
          select s.id, o.name as source, s.provider, s.ip, s.sender_domain as "senderDomain", s.campaign
          from slices s join sources o on o.id = s.source_id
          where s.id = any(${missing}::int[])`.execute(db)
        for (const { id, ...slice } of rows) {
          slices.set(id, slice)
          found.set(id, slice)
        }
      }
      return found
    },
  }
}
