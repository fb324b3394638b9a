import { type SqlBool, sql } from 'kysely'
import { createBoundedMap } from '../lib/bounded-map.ts'
import type { Store, StoredReply } from '../ports/store/index.ts'
import { DAY_MS } from '../time/units.ts'
import type { Db } from './db.ts'
import { createFirstSeen } from './first-seen.ts'
import { RULES_HASH } from './rules-hash.ts'
import { createUsage } from './usage.ts'

/** New templates that one source may bring per day. Beyond it (a hostile server that never says the same twice) only codes are kept. */
const NEW_TEMPLATES_PER_DAY = 2000

/** Numbers for replies. A number never changes, so it is remembered; what we make of the reply is not. */
export interface ReplyIds {
  /** The numbers of these replies, in their order; 0 for null. `at` is when each was said. Must not be called inside a transaction. */
  ids(sourceId: number, replies: readonly { reply: StoredReply | null; at: Date }[]): Promise<number[]>
}

const keyOf = ({ provider, code, enhanced, template }: StoredReply) => `${provider}\n${code}\n${enhanced}\n${template}`

/** Replies that are remembered; busy senders see a few thousand. */
const REMEMBERED = 50_000

interface Said {
  reply: StoredReply
  at: Date
}

const dayOf = (at: Date) => Math.floor(at.getTime() / DAY_MS)
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** What stands for a reply beyond the limit: its codes and cause, so that the counters stay right. */
const collapse = (reply: StoredReply): StoredReply => ({ ...reply, template: `{${reply.cause}}` })

export function createReplyIds(db: Db, limit = NEW_TEMPLATES_PER_DAY, remembered = REMEMBERED): ReplyIds {
  const known = createBoundedMap<string, { id: number; day: number }>(remembered)

  /** Those that are stored, by their keys. Each is noted as used on the day, so that it stays, before its number is given. */
  async function load(replies: readonly StoredReply[], day: number): Promise<Map<string, number>> {
    const { rows } = await sql<{ id: number; place: number }>`
      with found as materialized (
        select r.id, t.place::int as place, r.used_on
        from unnest(${replies.map((r) => r.provider)}::text[], ${replies.map((r) => r.template)}::text[],
          ${replies.map((r) => r.code)}::int[], ${replies.map((r) => r.enhanced)}::text[])
          with ordinality as t (provider, template, code, enhanced, place)
        join replies r on r.provider = t.provider and r.template_digest = md5(t.template)::uuid
          and r.code is not distinct from t.code and r.enhanced is not distinct from t.enhanced),
      -- In one order, so that no two writers wait for each other.
      locked as materialized (
        select r.id from replies r
        where r.id = any(array(select id from found where used_on < date '1970-01-01' + ${day}::int))
        order by r.id for no key update of r),
      marked as (
        update replies r set used_on = greatest(r.used_on, date '1970-01-01' + ${day}::int)
        from locked where r.id = locked.id returning r.id)
      select id, place from found
      where used_on >= date '1970-01-01' + ${day}::int or id in (select id from marked)`.execute(db)
    const ids = new Map(rows.map(({ id, place }) => [keyOf(replies[place - 1]!), id]))
    for (const [key, id] of ids) known.set(key, { id, day })
    return ids
  }

  async function insert(replies: StoredReply[], day: number, collapsed: boolean): Promise<Map<string, number>> {
    if (replies.length === 0) return new Map()
    // Sorted, so that two replicas that insert the same replies cannot wait for each other.
    const sorted = replies.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    for (let i = 0; i < sorted.length; i += 1000) {
      const values = sorted.slice(i, i + 1000).map((reply) => ({ ...reply, collapsed, used_on: dateOf(day) }))
      await db
        .insertInto('replies')
        .values(values)
        .onConflict((c) => c.doNothing())
        .execute()
    }
    return load(sorted, day)
  }

  /** How many templates were first seen from the source in each of these days. */
  async function seenPerDay(sourceId: number, days: number[]): Promise<Map<number, number>> {
    const { rows } = await sql<{ day: number; n: number }>`
      select d.day::float8 as day, count(s.reply_id)::int as n
      from unnest(${days}::bigint[]) as d (day)
      left join reply_seen s on s.source_id = ${sourceId}
        and s.first_seen >= to_timestamp(d.day * 86400) and s.first_seen < to_timestamp((d.day + 1) * 86400)
      group by d.day`.execute(db)
    return new Map(rows.map((row) => [row.day, row.n]))
  }

  /** Stores replies not known yet, whole as long as their day has room. */
  async function admit(sourceId: number, unknown: Map<string, Said>, last: number): Promise<Map<string, number>> {
    const stored = await load(
      [...unknown.values()].map(({ reply }) => reply),
      last,
    )
    const fresh = [...unknown].filter(([key]) => !stored.has(key)).map(([, said]) => said)
    if (fresh.length === 0) return stored
    const taken = await seenPerDay(sourceId, [...new Set(fresh.map(({ at }) => dayOf(at)))])
    const whole: StoredReply[] = []
    const collapsed = new Map<string, StoredReply>()
    for (const { reply, at } of fresh) {
      const n = taken.get(dayOf(at)) ?? 0
      taken.set(dayOf(at), n + 1)
      if (n < limit) whole.push(reply)
      else collapsed.set(keyOf(collapse(reply)), collapse(reply))
    }
    const inserted = await insert(whole, last, false)
    const standIns = await insert([...collapsed.values()], last, true)
    return new Map([...stored, ...inserted, ...standIns])
  }

  return {
    ids: async (sourceId, replies) => {
      const last = replies.reduce((max, { at }) => Math.max(max, dayOf(at)), 0)
      const found = new Map<string, number>()
      const unknown = new Map<string, Said>()
      for (const { reply, at } of replies) {
        if (!reply) continue
        const key = keyOf(reply)
        const stored = known.get(key)
        if (stored && stored.day >= last) found.set(key, stored.id)
        else unknown.set(key, { reply, at })
      }
      if (unknown.size > 0) for (const [key, id] of await admit(sourceId, unknown, last)) found.set(key, id)
      return replies.map(({ reply }) => (reply ? (found.get(keyOf(reply)) ?? found.get(keyOf(collapse(reply)))!) : 0))
    },
  }
}

/** The columns of `replies` as a StoredReply. */
const COLUMNS = ['template', 'provider', 'code', 'enhanced', 'cause', 'signal', 'retry', 'rule', 'named'] as const
/** What a rule decides. */
const VERDICT = ['cause', 'signal', 'retry', 'rule', 'named'] as const

export function createReplies(db: Db): Store['replies'] {
  return {
    byId: async (ids) => {
      if (ids.length === 0) return new Map()
      const rows = await db
        .selectFrom('replies')
        .select(['id', ...COLUMNS])
        .where(sql<SqlBool>`id = any(${ids}::int[])`)
        .execute()
      return new Map(rows.map(({ id, ...reply }) => [id, reply as StoredReply]))
    },
    labels: async () => {
      const rows = await db
        .selectFrom('replies')
        .select(['id', 'cause', 'signal', 'named'])
        .where('id', '>', 0)
        .execute()
      return new Map(rows.map(({ id, ...label }) => [id, label as Pick<StoredReply, keyof typeof label>]))
    },
    all: async () => {
      const rows = await db.selectFrom('replies').select(COLUMNS).where('id', '>', 0).orderBy('id').execute()
      return rows as StoredReply[]
    },
    usage: createUsage(db),
    firstSeen: createFirstSeen(db),
    reclassify: (rulesHash, classify) =>
      db.transaction().execute(async (trx) => {
        // Held to the end: a second replica waits, then finds that it is done.
        await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell reclassify', 0))`.execute(trx)
        const hash = new TextEncoder().encode(rulesHash)
        const last = await trx.selectFrom('state').select('value').where('key', '=', RULES_HASH).executeTakeFirst()
        if (last && Buffer.from(last.value).equals(hash)) return { changed: 0, skipped: true }
        let changed = 0
        const rows = await trx
          .selectFrom('replies')
          .select(['id', ...COLUMNS])
          .where('collapsed', '=', false)
          .orderBy('id')
          .execute()
        for (const { id, ...before } of rows) {
          const after = classify(before as StoredReply)
          if (VERDICT.every((column) => before[column] === after[column])) continue
          const { cause, signal, retry, rule, named } = after
          await trx.updateTable('replies').set({ cause, signal, retry, rule, named }).where('id', '=', id).execute()
          changed++
        }
        await trx
          .insertInto('state')
          .values({ key: RULES_HASH, value: hash })
          .onConflict((c) => c.column('key').doUpdateSet({ value: hash }))
          .execute()
        return { changed, skipped: false }
      }),
  }
}
