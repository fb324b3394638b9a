import { type Kysely, sql } from 'kysely'

// What people's questions add up, made from the finished hours of counter_hours (src/store/roll-up.ts). `day` counts
// from 1970-01-01 in UTC: half the size of a timestamp in a key that is mostly that.
const STATEMENTS = [
  // How far each hour has been added to the totals: the latest change that is in them.
  `create table rolled_hours (
    source_id integer not null,
    hour timestamptz not null,
    revision bigint not null,
    primary key (source_id, hour)
  )`,
  // For totals and trends: a day of one reply, hour by hour. reply_id 0: no reply, so the provider stands beside it.
  `create table reply_days (
    source_id integer not null,
    day integer not null,
    reply_id integer not null,
    outcome smallint not null,
    provider text not null,
    hours integer[] not null,
    primary key (reply_id, day, outcome, source_id, provider)
  )`,
  // For where it happened: a day of one reply in one slice. Kept as long as the minutes.
  `create table place_days (
    source_id integer not null,
    day integer not null,
    reply_id integer not null,
    slice_id integer not null,
    n integer not null,
    outcome smallint not null,
    primary key (reply_id, day, outcome, source_id, slice_id)
  )`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
