import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { describe, expect, it } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { OUTCOMES } from '../../src/smtp/outcomes.ts'
import { openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, emptyDatabase } from '../support/store-databases.ts'
import { minute, row } from '../support/store-rows.ts'

const MINUTES = 3 * 1440
const SEEN = ['an event', 'another event']

/** What version 0.1 stored: a row per minute. Two slices; in every seventh minute a number that needs more than a byte. */
async function fillAsBefore(db: Kysely<never>): Promise<void> {
  const init = { '0001_init': migrations['0001_init']! }
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => init } }).migrateToLatest()
  if (error) throw error
  await sql`insert into sources (name) values ('mailgun')`.execute(db)
  await sql`
    insert into slices (source_id, provider, ip, sender_domain, stream, campaign)
    values (1, 'gmail', '192.0.2.1', 'shop.example', '', ''), (1, 'yahoo', '192.0.2.1', 'shop.example', '', '')`.execute(
    db,
  )
  await sql`
    insert into seen (source_id, event_digest, at)
    select 1, sha256(convert_to(id, 'UTF8')), ${minute(5)}::timestamptz from unnest(${SEEN}::text[]) as id`.execute(db)
  for (let day = 0; day < 4; day++) {
    const from = new Date(Math.floor(minute(day * 1440).getTime() / 86_400_000) * 86_400_000)
    const name = `counters_${from.toISOString().slice(0, 10).replaceAll('-', '')}`
    await sql`create table ${sql.table(name)} partition of counters
      for values from (${sql.lit(from.toISOString())}) to (${sql.lit(new Date(from.getTime() + 86_400_000).toISOString())})`.execute(
      db,
    )
  }
  await sql`
    insert into counters (source_id, minute, slice_id, outcome, reply_id, n)
    select 1, ${minute(0)}::timestamptz + i * interval '1 minute', s, 0, 0, case when i % 7 = 0 then 70000 + i else s + i % 200 end
    from generate_series(0, ${MINUTES - 1}) as i, generate_series(1, 2) as s`.execute(db)
}

describe.each(DATABASE_KINDS)('an upgrade of counters from version 0.1 on %s', (kind) => {
  it('keeps every minute and what was seen, also when replicas start at once, and leaves nothing of the old table', async () => {
    const database = await emptyDatabase(kind)
    const before = await openDatabase(database.options)
    await fillAsBefore(before.db as unknown as Kysely<never>)
    await before.close()

    const days: string[] = []
    const first = openStore(database.options, (progress) => days.push(progress))
    const others = kind === 'PostgreSQL' ? [openStore(database.options), openStore(database.options)] : []
    const [{ store }, ...rest] = await Promise.all([first, ...others])
    const rows = await store.counters.read({ from: minute(-60), to: minute(MINUTES + 60) }, 'mailgun')
    const wanted = Array.from({ length: MINUTES }, (_, i) =>
      [1, 2].map((s) => [minute(i).getTime(), s === 1 ? 'gmail' : 'yahoo', i % 7 === 0 ? 70_000 + i : s + (i % 200)]),
    ).flat()
    const found = rows.map((each) => [each.minute.getTime(), each.slice.provider, each.n])
    const byTimeAndProvider = (list: (string | number)[][]) => list.map((entry) => entry.join(' ')).sort()
    expect(byTimeAndProvider(found)).toEqual(byTimeAndProvider(wanted))
    expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set([OUTCOMES[0]]))
    const again = [...SEEN, 'a new event'].map((id) => ({ id, row: row(MINUTES + 90, 1) }))
    expect(await store.counters.addEvents('mailgun', again, { at: minute(MINUTES) })).toMatchObject({ stored: 1 })
    for (const { store: other } of rest) await other.close()
    await store.close()

    const after = await openDatabase(database.options)
    const { rows: left } = await sql`
      select relname from pg_class where relname in ('counters_by_minute', 'seen_whole')`.execute(after.db)
    expect(left).toEqual([])
    await after.close()
    await database.drop()
  })
})

describe('a replica of version 0.1 that still writes during the upgrade', () => {
  it('fails loudly from then on, and what its ledger says was read is counted', async () => {
    const database = await emptyDatabase('PostgreSQL')
    const old = await openDatabase(database.options)
    await fillAsBefore(old.db as unknown as Kysely<never>)
    let written = 0
    let opened = false
    /** As version 0.1 stores a window: counters and ledger in one transaction. */
    const write = () =>
      old.db.transaction().execute(async (trx) => {
        const [from, to] = [minute(MINUTES + written), minute(MINUTES + written + 1)]
        await sql`select id from sources where id = 1 for no key update`.execute(trx)
        await sql`
          insert into counters (source_id, minute, slice_id, outcome, reply_id, n) values (1, ${from}, 1, 0, 0, 3)`.execute(
          trx,
        )
        await sql`
          insert into windows (source_id, from_at, to_at, reads, state) values (1, ${from}, ${to}, 1, 'read')`.execute(
          trx,
        )
      })
    const writing = (async () => {
      while (!opened) {
        await write()
        written++
      }
    })()
    const refused = expect(writing).rejects.toThrow(/relation "counters" does not exist/)
    await expect.poll(() => written).toBeGreaterThan(3)
    const { store } = await openStore(database.options)
    opened = true
    await refused

    const windows = await store.windows.list('mailgun', minute(MINUTES))
    expect(windows).toHaveLength(written)
    const counted = await store.counters.read({ from: minute(MINUTES), to: minute(MINUTES + written + 60) }, 'mailgun')
    expect(counted.map(({ minute, n }) => [minute, n])).toEqual(windows.map(({ from }) => [from, 3]))
    await store.close()
    await old.close()
    await database.drop()
  })
})
