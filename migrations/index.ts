import type { Migration } from 'kysely/migration'
import * as init from './0001_init.ts'

/** Every migration by name, in order. A static map, so that nothing depends on reading a directory. */
export const migrations: Record<string, Migration> = {
  '0001_init': init,
}
