import { sql } from 'kysely'
import type { Store } from '../ports/store/index.ts'
import type { Db } from './db.ts'
import { pruneOrphans } from './orphans.ts'
import { dropPartitions, ensureComingDays } from './partitions.ts'
import { createRollUp, dayOf } from './roll-up.ts'

export function createRetention(db: Db): Store['retention'] {
  return {
    rollUp: createRollUp(db),
    prepare: (now) => ensureComingDays(db, now),
    prune: async (before) => {
      await dropPartitions(db, 'counter_hours', before.minutes)
      await dropPartitions(db, 'counters_hourly', before.hours)
      await sql`delete from changes where minute < ${before.minutes}`.execute(db)
      await sql`delete from rolled_hours where hour < ${before.minutes}`.execute(db)
      await sql`delete from place_days where day < ${dayOf(before.minutes)}`.execute(db)
      await sql`delete from reply_days where day < ${dayOf(before.hours)}`.execute(db)
      await sql`delete from windows where to_at < ${before.minutes}`.execute(db)
      await dropPartitions(db, 'seen_events', before.seen)
      await pruneOrphans(db, before.hours)
      await sql`delete from malformed where at < ${before.seen}`.execute(db)
      await sql`delete from journal where updated_at < ${before.journal}`.execute(db)
    },
  }
}
