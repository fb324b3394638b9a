import type { Kysely } from 'kysely'
import { up as init } from './0001_init.ts'
import { up as counterHours } from './0002_counter_hours.ts'
import { up as seenEvents } from './0003_seen_events.ts'
import { up as forgetMalformed } from './0004_forget_malformed.ts'
import { up as windowItems } from './0005_window_items.ts'
import { up as questionTotals } from './0006_question_totals.ts'
import { up as usedOn } from './0007_used_on.ts'

/** Every migration by name, in order. A static map, so that nothing depends on reading a directory. */
export const migrations: Record<string, { up(db: Kysely<unknown>): Promise<void> }> = {
  '0001_init': { up: init },
  '0002_counter_hours': { up: counterHours },
  '0003_seen_events': { up: seenEvents },
  '0004_forget_malformed': { up: forgetMalformed },
  '0005_window_items': { up: windowItems },
  '0006_question_totals': { up: questionTotals },
  '0007_used_on': { up: usedOn },
}
