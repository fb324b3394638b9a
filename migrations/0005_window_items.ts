import { type Kysely, sql } from 'kysely'

// How many items a window had when it was read: it need not be read again while the source counts as many.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table windows add column items integer`.execute(db)
}
