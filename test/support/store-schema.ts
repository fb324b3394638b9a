import { sql } from 'kysely'
import type { Db } from '../../src/store/db.ts'

/** The schema as the database has it, as text: what a migration really made, the same on every engine. */
export async function describeSchema(db: Db): Promise<string> {
  const tables = await sql<{ name: string; partitioned: string | null }>`
    select c.relname as name, pg_get_partkeydef(c.oid) as partitioned
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname not like 'kysely%'
    order by 1`.execute(db)
  const parts: string[] = []
  for (const { name, partitioned } of tables.rows) {
    const columns = await sql<{ line: string }>`
      select concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end,
        case a.attidentity when 'a' then 'generated always as identity' end,
        case when a.attgenerated <> '' then 'generated always as ' || pg_get_expr(d.adbin, d.adrelid) || ' stored'
          when d.adbin is not null then 'default ' || pg_get_expr(d.adbin, d.adrelid) end) as line
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = ${name}::regclass and a.attnum > 0 and not a.attisdropped
      order by a.attnum`.execute(db)
    const constraints = await sql<{ line: string }>`
      select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
      from pg_constraint where conrelid = ${name}::regclass and contype <> 'n' order by 1`.execute(db)
    const indexes = await sql<{ line: string }>`
      select pg_get_indexdef(i.indexrelid) || ';' as line
      from pg_index i
      where i.indrelid = ${name}::regclass
        and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
      order by 1`.execute(db)
    const lines = [...columns.rows, ...constraints.rows].map(({ line }) => `  ${line}`)
    parts.push(
      [
        `create table ${name} (\n${lines.join(',\n')}\n)${partitioned ? ` partition by ${partitioned}` : ''};`,
        ...indexes.rows.map(({ line }) => line),
      ].join('\n'),
    )
  }
  const sequences = await sql<{ line: string }>`
    select 'create sequence ' || c.relname || ';' as line from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
    order by 1`.execute(db)
  return `${[...parts, ...sequences.rows.map(({ line }) => line)].join('\n\n')}\n`
}
