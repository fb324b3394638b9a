import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { shapeOf } from '../lib/shape.ts'
import type { Malformed } from '../ports/esp.ts'
import type { CounterRow, SliceMinute, Store } from '../ports/store/index.ts'
import { OUTCOMES } from '../smtp/outcomes.ts'
import { redact } from '../smtp/redact.ts'
import { HOUR_MS } from '../time/units.ts'
import { readChanges } from './changes.ts'
import {
  addTo,
  byHour,
  type Counter,
  type CounterHour,
  type CounterKey,
  type Hour,
  type HourChange,
  type PackedHour,
  replaceIn,
} from './counter-hours.ts'
import { readMinutes } from './counter-minutes.ts'
import type { Db } from './db.ts'
import { eachMinute, MINUTES_PER_HOUR, packMinutes } from './packed-minutes.ts'
import { ensureDays } from './partitions.ts'
import { OnlyTried, settingAside } from './refused.ts'
import type { ReplyIds } from './replies.ts'
import { recordNew, seenDigest } from './seen.ts'
import type { SliceIds } from './slices.ts'
import type { SourceIds } from './sources.ts'
import { createSums } from './sums.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const NOTHING: Hour = new Map()
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
    rows.reduce((last, row) => Math.max(last, Math.floor(row.minute.getTime() / DAY_MS)), 0),
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
    'counter_hours',
    [...minutes].map((minute) => new Date(minute * MINUTE_MS)),
  )
  return counters
}

/** One writer per source at a time, so that counters and ledger cannot interleave. */
async function lockSource(trx: Db, sourceId: number): Promise<void> {
  await sql`select id from sources where id = ${sourceId} for no key update`.execute(trx)
}

/** Gives the changed minutes a revision. To be called last: from here on writers queue, so that revisions become visible in order. */
export async function recordChanges(trx: Db, sourceId: number, minutes: readonly number[]): Promise<void> {
  if (minutes.length === 0) return
  await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell changes', 0))`.execute(trx)
  await sql`
    with next as materialized (select nextval('changes_revision_seq') as revision)
    insert into changes (source_id, minute, revision)
    select ${sourceId}::int, to_timestamp(m * 60::float8), next.revision from next, unnest(${minutes}::int[]) as m
    on conflict (source_id, minute) do update set revision = excluded.revision`.execute(trx)
}

/** Notes when each reply was first seen from the source. */
export async function recordSeen(trx: Db, sourceId: number, first: ReadonlyMap<number, number>): Promise<void> {
  if (first.size === 0) return
  await sql`
    insert into reply_seen (source_id, reply_id, first_seen)
    select ${sourceId}::int, t.reply, to_timestamp(t.minute * 60::float8)
    from unnest(${[...first.keys()]}::int[], ${[...first.values()]}::int[]) as t (reply, minute)
    on conflict (source_id, reply_id) do update set first_seen = excluded.first_seen
    where excluded.first_seen < reply_seen.first_seen`.execute(trx)
}

/** Items that could not be read, each once: what did not fit and the shape of the item, never its text. */
async function recordMalformed(trx: Db, sourceId: number, items: readonly Malformed[]): Promise<void> {
  if (items.length === 0) return
  await sql`
    with put as (
      insert into malformed (source_id, item_digest, at, problem, body)
      select ${sourceId}::int, decode(t.digest, 'hex'), to_timestamp(t.at), t.problem, t.body
      from unnest(${items.map((item) => digest(item.id))}::text[], ${items.map((item) => item.at.getTime() / 1000)}::float8[],
        ${items.map((item) => redact(item.problem))}::text[], ${items.map((item) => shapeOf(item.body).slice(0, BODY_LIMIT))}::text[])
        as t (digest, at, problem, body)
      on conflict do nothing
      returning 1
    )
    update sources set malformed = malformed + (select count(*)::int from put) where id = ${sourceId}`.execute(trx)
}

const minuteOf = (at: Date) => Math.floor(at.getTime() / MINUTE_MS)
const timeOfHour = (hour: number) => new Date(hour * HOUR_MS)
const hourOf = (at: Date) => Math.floor(at.getTime() / HOUR_MS)
/** Arrays of integers travel fast as text. */
const integers = <T extends CounterKey>(rows: readonly T[], column: keyof CounterKey) =>
  sql`${`{${rows.map((row) => row[column]).join()}}`}::int[]`
const keysOf = (rows: readonly CounterKey[]) =>
  sql`unnest(${integers(rows, 'slice')}, ${integers(rows, 'outcome')}, ${integers(rows, 'reply')})`

/** The counters of one hour of a source; only those that `keys` lists where it is given. */
async function readHour(trx: Db, sourceId: number, hour: number, keys?: readonly CounterKey[]): Promise<PackedHour[]> {
  const isListed = keys ? sql`(slice_id, outcome, reply_id) in (select * from ${keysOf(keys)})` : sql`true`
  const { rows } = await sql<PackedHour>`
    select slice_id as slice, outcome, reply_id as reply, minutes from counter_hours
    where source_id = ${sourceId} and hour = ${timeOfHour(hour)} and ${isListed}`.execute(trx)
  return rows
}

export async function changeHour(trx: Db, sourceId: number, hour: number, { put, remove }: HourChange): Promise<void> {
  if (remove.length > 0)
    await sql`
      delete from counter_hours where source_id = ${sourceId} and hour = ${timeOfHour(hour)}
        and (slice_id, outcome, reply_id) in (select * from ${keysOf(remove)})`.execute(trx)
  if (put.length === 0) return
  const totals = put.map(({ minutes }) => minutes.reduce((sum, n) => sum + n, 0))
  const packed = put.map(({ minutes }) => `"\\\\x${packMinutes(minutes).toString('hex')}"`)
  await sql`
    insert into counter_hours (source_id, hour, slice_id, outcome, reply_id, n, minutes)
    select ${sourceId}::int, ${timeOfHour(hour)}::timestamptz, t.slice_id, t.outcome, t.reply_id, t.n, t.minutes
    from unnest(${integers(put, 'slice')}, ${integers(put, 'outcome')}, ${integers(put, 'reply')},
      ${`{${totals.join()}}`}::int[], ${`{${packed.join()}}`}::bytea[]) as t (slice_id, outcome, reply_id, n, minutes)
    on conflict (source_id, hour, slice_id, outcome, reply_id) do update
    set n = excluded.n, minutes = excluded.minutes`.execute(trx)
}

/** What several hours of a source changed: its minutes, and the first one of each reply. */
function createChangeNotes() {
  const minutes: number[] = []
  const firstSeen = new Map<number, number>()
  const noteReply = (hour: number, { reply, minutes: counts }: CounterHour) => {
    const first = hour * MINUTES_PER_HOUR + counts.findIndex((n) => n > 0)
    if (reply !== 0) firstSeen.set(reply, Math.min(firstSeen.get(reply) ?? Number.POSITIVE_INFINITY, first))
  }
  return {
    minutes,
    firstSeen,
    note: (hour: number, change: HourChange) => {
      for (const minute of change.minutes) minutes.push(hour * MINUTES_PER_HOUR + minute)
      for (const counter of change.put) noteReply(hour, counter)
    },
  }
}

export function createCounters(db: Db, ids: Ids): Store['counters'] {
  type Counters = Store['counters']

  async function replaceWindow(
    ...[source, window, rows, ledger, onlyTry]: [...Parameters<Counters['replaceWindow']>, onlyTry: boolean]
  ): Promise<void> {
    const outside = rows.find((row) => row.minute < window.from || row.minute >= window.to)
    if (outside) throw new RangeError(`a counter of ${outside.minute.toISOString()} does not belong to its window`)
    const sourceId = await ids.sources.id(source)
    const wanted = byHour(await resolve(db, ids, sourceId, rows))
    const [from, to] = [minuteOf(window.from), minuteOf(window.to)]
    await db.transaction().execute(async (trx) => {
      await lockSource(trx, sourceId)
      const notes = createChangeNotes()
      // Hour by hour, so that a long window needs the memory of one.
      for (let hour = hourOf(window.from); hour * MINUTES_PER_HOUR < to; hour++) {
        const start = hour * MINUTES_PER_HOUR
        const span = { from: Math.max(from - start, 0), to: Math.min(to - start, MINUTES_PER_HOUR) }
        // Only what differs is touched, so that a window read again without news changes nothing.
        const change = replaceIn(span, await readHour(trx, sourceId, hour), wanted.get(hour) ?? NOTHING)
        await changeHour(trx, sourceId, hour, change)
        notes.note(hour, change)
      }
      await recordSeen(trx, sourceId, notes.firstSeen)
      await recordMalformed(trx, sourceId, ledger.malformed ?? [])
      await sql`
        insert into windows (source_id, from_at, to_at, reads, next_read_at, state, items)
        values (${sourceId}, ${window.from}, ${window.to}, 1, ${ledger.nextReadAt}, 'read', ${ledger.items ?? null})
        on conflict (source_id, from_at, to_at) do update
        set reads = windows.reads + 1, next_read_at = excluded.next_read_at, state = 'read', problem = null,
          items = excluded.items`.execute(trx)
      // What this window covers has been read with it.
      await sql`
        delete from windows where source_id = ${sourceId} and from_at >= ${window.from} and to_at <= ${window.to}
          and (from_at, to_at) <> (${window.from}::timestamptz, ${window.to}::timestamptz)`.execute(trx)
      if (onlyTry) throw new OnlyTried()
      await recordChanges(trx, sourceId, notes.minutes)
    })
  }

  async function addEvents(
    ...[source, events, extra, onlyTry]: [...Parameters<Counters['addEvents']>, onlyTry: boolean]
  ): ReturnType<Counters['addEvents']> {
    const { at, position, malformed = [] } = extra
    const sourceId = await ids.sources.id(source)
    const unique = [...new Map(events.map((event) => [seenDigest(event.id), event.row]))]
    const counters = await resolve(
      db,
      ids,
      sourceId,
      unique.map(([, row]) => row),
    )
    await ensureDays(db, 'seen_events', [at])
    return db.transaction().execute(async (trx) => {
      await lockSource(trx, sourceId)
      const isNew = await recordNew(
        trx,
        sourceId,
        unique.map(([id]) => id),
        at,
      )
      const notes = createChangeNotes()
      for (const [hour, added] of byHour(counters.filter((_, i) => isNew.has(unique[i]![0])))) {
        const change = addTo(await readHour(trx, sourceId, hour, [...added.values()]), added)
        await changeHour(trx, sourceId, hour, change)
        notes.note(hour, change)
      }
      await recordSeen(trx, sourceId, notes.firstSeen)
      await recordMalformed(trx, sourceId, malformed)
      if (position !== undefined) {
        await trx.updateTable('sources').set({ position }).where('id', '=', sourceId).execute()
      }
      if (onlyTry) throw new OnlyTried()
      await recordChanges(trx, sourceId, notes.minutes)
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
      const [from, to] = [minuteOf(window.from), minuteOf(window.to)]
      const { rows } = await sql<PackedHour & { hour: number }>`
        select (extract(epoch from hour) / 3600)::int as hour, slice_id as slice, outcome, reply_id as reply, minutes
        from counter_hours
        where hour >= ${timeOfHour(hourOf(window.from))} and hour < ${window.to} and ${where}`.execute(db)
      const slices = await ids.slices.byId(new Set(rows.map((row) => row.slice)))
      const found = new Map<number, SliceMinute[]>()
      for (const row of rows) {
        const [slice, outcome] = [slices.get(row.slice)!, OUTCOMES[row.outcome]!]
        const replyId = row.reply === 0 ? null : row.reply
        eachMinute(row.minutes, (place, n) => {
          const at = row.hour * MINUTES_PER_HOUR + place
          if (at < from || at >= to) return
          const inMinute = found.get(at)
          const minute = inMinute?.[0]?.minute ?? new Date(at * MINUTE_MS)
          if (inMinute) inMinute.push({ minute, slice, outcome, replyId, n })
          else found.set(at, [{ minute, slice, outcome, replyId, n }])
        })
      }
      return [...found].sort(([a], [b]) => a - b).flatMap(([, inMinute]) => inMinute)
    },
    minutes: async function* (source, minutes) {
      yield* readMinutes(db, ids.slices, await ids.sources.id(source), minutes)
    },
    sums: createSums(db),
    changedSince: (revision) => readChanges(db, revision),
  }
}
