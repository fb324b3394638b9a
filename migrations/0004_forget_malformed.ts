import { type Kysely, sql } from 'kysely'

// Until now the text of an item that could not be read was kept, with only the addresses masked that were recognized.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`update malformed set problem = 'it could not be read', body = ''`.execute(db)
}
