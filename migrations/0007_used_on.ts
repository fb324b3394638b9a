import { type Kysely, sql } from 'kysely'

// The day of the latest counter that points at a row, so that rows that nothing points at any more can be found and
// pruned (src/store/orphans.ts). What is there already counts as used today.
const STATEMENTS = [
  `alter table slices add column used_on date not null default current_date`,
  `alter table replies add column used_on date not null default current_date`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
