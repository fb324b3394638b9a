import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { type Malformed, OUTCOMES } from '../ports/esp.ts'
import type { CounterRow, SliceMinute, Store } from '../ports/store.ts'
import { redact } from '../smtp/redact.ts'
import { type Counter, diffCounters, sumCounters } from './counter-diff.ts'
import type { Db } from './db.ts'
import { ensureDays } from './partitions.ts'
import { OnlyTried, settingAside } from './refused.ts'
import type { ReplyIds } from './replies.ts'
import type { SliceIds } from './slices.ts'
import type { SourceIds } from './sources.ts'
import { createSums } from './sums.ts'

const MINUTE_MS = 60_000
/** Enough to see what is wrong with an item. */
const BODY_LIMIT = 4000

const digest = (id: string) => createHash('sha256').update(id).digest('hex')

interface Ids {
  sources: SourceIds
  slices: SliceIds
  replies: ReplyIds
}

/** Makes what the rows point at: partitions, slices, replies. Not inside a transaction, so that no two writers can wait for each other. */
async function resolve(db: Db, ids: Ids, sourceId: number, rows: readonly CounterRow[]): Promise<Counter[]> {
  const slices = await ids.slices.ids(
    sourceId,
    rows.map((row) => row.slice),
  )
  const replies = await ids.replies.ids(
    sourceId,
    rows.map((row) => ({ reply: row.reply, at: row.minute })),
  )
  const counters = rows.map((row, i) => ({
    minute: Math.floor(row.minute.getTime() / MINUTE_MS),
    slice: slices[i]!,
    outcome: OUTCOMES.indexOf(row.outcome),
    reply: replies[i]!,
    n: row.n,
  }))
  const minutes = new Set(counters.map((counter) => counter.minute))
  await ensureDays(
    db,
    [...minutes].map((minute) => new Date(minute * MINUTE_MS)),
  )
  return counters
}

/** Counters as a table of a query. Five arrays of integers travel fast, as text most of all. */
function asTable(counters: readonly Counter[]): RawBuilder<unknown> {
  const column = (key: keyof Counter) => sql`${`{${counters.map((counter) => counter[key]).join()}}`}::int[]`
  const columns = sql.join([column('minute'), column('slice'), column('outcome'), column('reply'), column('n')])
  return sql`
    (select to_timestamp(t.minute * 60::float8) as minute, t.slice_id, t.outcome::smallint as outcome, t.reply_id, t.n
      from unnest(${columns}) as t (minute, slice_id, outcome, reply_id, n))`
}

const MINUTE = sql`(extract(epoch from minute) / 60)::int`

/** One writer per source at a time, so that counters and ledger cannot interleave. */
async function lockSource(trx: Db, sourceId: number): Promise<void> {
  await sql`select id from sources where id = ${sourceId} for no key update`.execute(trx)
}

/** Gives the changed minutes a revision. To be called last: from here on writers queue, so that revisions become visible in order. */
async function recordChanges(trx: Db, sourceId: number, minutes: readonly number[]): Promise<void> {
  if (minutes.length === 0) return
  await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell changes', 0))`.execute(trx)
  await sql`
    with next as materialized (select nextval('changes_revision_seq') as revision)
    insert into changes (source_id, minute, revision)
    select ${sourceId}::int, to_timestamp(m * 60::float8), next.revision from next, unnest(${minutes}::int[]) as m
    on conflict (source_id, minute) do update set revision = excluded.revision`.execute(trx)
}

/** Notes when each reply was first seen from the source. */
async function recordSeen(trx: Db, sourceId: number, counters: Iterable<Counter>): Promise<void> {
  const first = new Map<number, number>()
  for (const { reply, minute } of counters) {
    if (reply !== 0) first.set(reply, Math.min(first.get(reply) ?? Number.POSITIVE_INFINITY, minute))
  }
  if (first.size === 0) return
  await sql`
    insert into reply_seen (source_id, reply_id, first_seen)
    select ${sourceId}::int, t.reply, to_timestamp(t.minute * 60::float8)
    from unnest(${[...first.keys()]}::int[], ${[...first.values()]}::int[]) as t (reply, minute)
    on conflict (source_id, reply_id) do update set first_seen = excluded.first_seen
    where excluded.first_seen < reply_seen.first_seen`.execute(trx)
}

/** Items that could not be read, each once, without addresses. */
async function recordMalformed(trx: Db, sourceId: number, items: readonly Malformed[]): Promise<void> {
  if (items.length === 0) return
  await sql`
    with put as (
      insert into malformed (source_id, item_digest, at, problem, body)
      select ${sourceId}::int, decode(t.digest, 'hex'), to_timestamp(t.at), t.problem, t.body
      from unnest(${items.map((item) => digest(item.id))}::text[], ${items.map((item) => item.at.getTime() / 1000)}::float8[],
        ${items.map((item) => redact(item.problem))}::text[], ${items.map((item) => redact(item.body).slice(0, BODY_LIMIT))}::text[])
        as t (digest, at, problem, body)
      on conflict do nothing
      returning 1
    )
    update sources set malformed = malformed + (select count(*)::int from put) where id = ${sourceId}`.execute(trx)
}

const readCounters = async (db: Db, where: RawBuilder<unknown>): Promise<Counter[]> => {
  const { rows } = await sql<Counter>`
    select ${MINUTE} as minute, slice_id as slice, outcome, reply_id as reply, n from counters
    where ${where}`.execute(db)
  return rows
}

async function removeCounters(trx: Db, sourceId: number, counters: readonly Counter[]): Promise<void> {
  if (counters.length === 0) return
  await sql`
    delete from counters c using ${asTable(counters)} as t
    where c.source_id = ${sourceId} and c.minute = t.minute and c.slice_id = t.slice_id
      and c.outcome = t.outcome and c.reply_id = t.reply_id`.execute(trx)
}

/** `sum`: on top of what is there; otherwise they must be new, which is twice as fast. */
async function addCounters(trx: Db, sourceId: number, counters: readonly Counter[], sum: boolean): Promise<void> {
  if (counters.length === 0) return
  const conflict = sql`on conflict (source_id, minute, slice_id, outcome, reply_id) do update set n = c.n + excluded.n`
  await sql`
    insert into counters as c (source_id, minute, slice_id, outcome, reply_id, n)
    select ${sourceId}::int, t.* from ${asTable(counters)} as t ${sum ? conflict : sql``}`.execute(trx)
}

async function setCounters(trx: Db, sourceId: number, counters: readonly Counter[]): Promise<void> {
  if (counters.length === 0) return
  await sql`
    update counters c set n = t.n from ${asTable(counters)} as t
    where c.source_id = ${sourceId} and c.minute = t.minute and c.slice_id = t.slice_id
      and c.outcome = t.outcome and c.reply_id = t.reply_id`.execute(trx)
}

export function createCounters(db: Db, ids: Ids): Store['counters'] {
  type Counters = Store['counters']

  async function replaceWindow(
    ...[source, window, rows, ledger, onlyTry]: [...Parameters<Counters['replaceWindow']>, onlyTry: boolean]
  ): Promise<void> {
    const outside = rows.find((row) => row.minute < window.from || row.minute >= window.to)
    if (outside) throw new RangeError(`a counter of ${outside.minute.toISOString()} does not belong to its window`)
    const sourceId = await ids.sources.id(source)
    const wanted = sumCounters(await resolve(db, ids, sourceId, rows))
    await db.transaction().execute(async (trx) => {
      await lockSource(trx, sourceId)
      // Only what differs is touched, so that a window read again without news changes nothing.
      const stored = await readCounters(
        trx,
        sql`
        source_id = ${sourceId} and minute >= ${window.from} and minute < ${window.to}`,
      )
      const { insert, update, remove, minutes } = diffCounters(stored, wanted)
      await removeCounters(trx, sourceId, remove)
      await addCounters(trx, sourceId, insert, false)
      await setCounters(trx, sourceId, update)
      await recordSeen(trx, sourceId, insert)
      await recordMalformed(trx, sourceId, ledger.malformed ?? [])
      await sql`
        insert into windows (source_id, from_at, to_at, reads, next_read_at, state)
        values (${sourceId}, ${window.from}, ${window.to}, 1, ${ledger.nextReadAt}, 'read')
        on conflict (source_id, from_at, to_at) do update
        set reads = windows.reads + 1, next_read_at = excluded.next_read_at, state = 'read', problem = null`.execute(
        trx,
      )
      // What this window covers has been read with it.
      await sql`
        delete from windows where source_id = ${sourceId} and from_at >= ${window.from} and to_at <= ${window.to}
          and (from_at, to_at) <> (${window.from}::timestamptz, ${window.to}::timestamptz)`.execute(trx)
      if (onlyTry) throw new OnlyTried()
      await recordChanges(trx, sourceId, minutes)
    })
  }

  async function addEvents(
    ...[source, events, extra, onlyTry]: [...Parameters<Counters['addEvents']>, onlyTry: boolean]
  ): ReturnType<Counters['addEvents']> {
    const { at, position, malformed = [] } = extra
    const sourceId = await ids.sources.id(source)
    const unique = [...new Map(events.map((event) => [digest(event.id), event.row]))]
    const counters = await resolve(
      db,
      ids,
      sourceId,
      unique.map(([, row]) => row),
    )
    return db.transaction().execute(async (trx) => {
      await lockSource(trx, sourceId)
      const fresh = await sql<{ digest: string }>`
        insert into seen (source_id, event_digest, at)
        select ${sourceId}::int, decode(d, 'hex'), ${at}::timestamptz from unnest(${unique.map(([id]) => id)}::text[]) as d
        on conflict do nothing
        returning encode(event_digest, 'hex') as digest`.execute(trx)
      const isNew = new Set(fresh.rows.map((row) => row.digest))
      const sums = [...sumCounters(counters.filter((_, i) => isNew.has(unique[i]![0]))).values()]
      await addCounters(trx, sourceId, sums, true)
      await recordSeen(trx, sourceId, sums)
      await recordMalformed(trx, sourceId, malformed)
      if (position !== undefined) {
        await trx.updateTable('sources').set({ position }).where('id', '=', sourceId).execute()
      }
      if (onlyTry) throw new OnlyTried()
      await recordChanges(trx, sourceId, [...new Set(sums.map(({ minute }) => minute))])
      return { stored: isNew.size, duplicates: events.length - isNew.size }
    })
  }

  return {
    ...settingAside(replaceWindow, addEvents),
    position: async (source) => {
      const row = await db.selectFrom('sources').select('position').where('name', '=', source).executeTakeFirst()
      return row?.position ?? null
    },
    read: async (window, source) => {
      const where = source === undefined ? sql`true` : sql`source_id = ${await ids.sources.id(source)}`
      const rows = await readCounters(
        db,
        sql`minute >= ${window.from} and minute < ${window.to} and ${where} order by minute`,
      )
      const slices = await ids.slices.byId(new Set(rows.map((row) => row.slice)))
      let minute = new Date(0)
      return rows.map((row): SliceMinute => {
        if (minute.getTime() !== row.minute * MINUTE_MS) minute = new Date(row.minute * MINUTE_MS)
        return {
          minute,
          slice: slices.get(row.slice)!,
          outcome: OUTCOMES[row.outcome]!,
          replyId: row.reply === 0 ? null : row.reply,
          n: row.n,
        }
      })
    },
    sums: createSums(db),
    changedSince: async (revision) => {
      const { rows } = await sql<{ source: string; minute: Date; revision: string }>`
        select o.name as source, c.minute, c.revision::text as revision
        from changes c join sources o on o.id = c.source_id
        where c.revision > ${revision.toString()}::bigint order by c.minute, o.name`.execute(db)
      let latest = revision
      for (const row of rows) if (BigInt(row.revision) > latest) latest = BigInt(row.revision)
      return { revision: latest, minutes: rows.map(({ source, minute }) => ({ source, minute })) }
    },
  }
}
