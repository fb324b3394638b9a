import { type Kysely, sql } from 'kysely'

// An event that was seen took 156 bytes, and removing old ones meant deleting them one by one. Eight bytes of the digest
// are enough, and a day is dropped as a whole. What was stored is taken over after the migration (src/store/seen.ts).
const STATEMENTS = [
  `alter table seen rename to seen_whole`,
  `create table seen_events (
    digest bigint not null,
    source_id integer not null,
    day date not null,
    primary key (source_id, digest, day)
  ) partition by range (day)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
