import type { Window } from '../esp.ts'

export interface WindowRecord extends Window {
  reads: number
  nextReadAt: Date | null
  state: 'read' | 'failed'
  problem: string | null
  /** How many items the source had in it when it was read, as far as that is known. */
  items: number | null
}

/** The ledger of the windows that were read. */
export interface Windows {
  list(source: string, since: Date): Promise<WindowRecord[]>
  fail(source: string, window: Window, problem: string, nextReadAt: Date): Promise<void>
  /** Notes that the source still has the same in these windows; each is due again then. */
  confirm(source: string, windows: readonly (Window & { nextReadAt: Date | null })[]): Promise<void>
  /** Forgets the windows that lie in this one, so that it is read as if for the first time. */
  release(source: string, window: Window): Promise<void>
  /** Forgets the windows that end after `beyond`, and says how many: a clock that was ahead has made them. */
  forget(source: string, beyond: Date): Promise<number>
}
