import { type Kysely, sql } from 'kysely'

// A minute of a counter took 105 bytes, most of them the key. Now an hour of it is one row: `n` is its total, which is
// what people's questions need, and `minutes` has the counts of its minutes (src/store/packed-minutes.ts), which the detector reads.
// What is stored already is converted after the migration, in pieces (src/store/convert-counters.ts): `counters` becomes
// `counters_by_minute` until then, so that a replica of the previous version that still runs stores nothing that would be lost.
const STATEMENTS = [
  `create table counter_hours (
    source_id integer not null,
    hour timestamptz not null,
    slice_id integer not null,
    reply_id integer not null,
    n integer not null check (n > 0),
    outcome smallint not null,
    minutes bytea not null,
    primary key (source_id, hour, slice_id, outcome, reply_id)
  ) partition by range (hour)`,
  `create index counter_hours_reply on counter_hours (reply_id, hour)`,
  `create index counters_hourly_reply on counters_hourly (reply_id, hour)`,
  `alter table counters rename to counters_by_minute`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
