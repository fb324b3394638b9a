import { statfsSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { Unavailable } from '../ports/errors.ts'
import type { Shortage } from '../ports/store/index.ts'

const MB = 1024 * 1024

/** In bytes. PGlite spins forever where it cannot add a segment to its write-ahead log, and each takes 16 MB. */
export const LEAST_FREE = {
  /** Below it nothing is read into the database any more; what an alert needs is still written. */
  toRead: 64 * MB,
  /** Below it nothing is asked of the database at all. */
  toWork: 32 * MB,
  /** A new database takes about half of it. */
  toBegin: 128 * MB,
} as const

/** How many bytes are free on the disk of a directory. */
export type FreeSpaceReader = (directory: string) => number

export const readFreeSpace: FreeSpaceReader = (directory) => {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** Throws Unavailable where there is too little room for what is about to be done. */
export function requireSpace(directory: string, least: number, read: FreeSpaceReader): void {
  const free = read(directory)
  if (free < least) throw new Unavailable(problemOf(directory, free), remedyFor(least))
}

/** What keeps the database from taking in more; null where there is room. */
export function shortageOf(directory: string, read: FreeSpaceReader): Shortage | null {
  const free = read(directory)
  if (free >= LEAST_FREE.toRead) return null
  return {
    isTotal: free < LEAST_FREE.toWork,
    problem: `${problemOf(directory, free)}, so Bouncebell has paused reading`,
    remedy: remedyFor(LEAST_FREE.toRead),
  }
}

const problemOf = (directory: string, free: number) =>
  `only ${Math.floor(free / MB)} MB are free on the disk of ${directory}`

const remedyFor = (least: number) =>
  `Free some space there: at least ${least / MB} MB must be free. If Bouncebell is running, it then continues by itself.`

/** Refuses every statement while there is too little room for it, but for those that end a transaction. */
export function guardSpace(pglite: PGlite, directory: string, read: FreeSpaceReader): void {
  const check = () => requireSpace(directory, LEAST_FREE.toWork, read)
  const { query, exec, transaction } = pglite
  pglite.query = async (text, ...rest) => {
    if (!/^\s*rollback\b/i.test(text)) check()
    return query.call(pglite, text, ...rest) as never
  }
  pglite.exec = async (...given) => {
    check()
    return exec.apply(pglite, given)
  }
  // Not before it begins: whoever began it waits to be let in.
  pglite.transaction = (run) =>
    transaction.call(pglite, (trx) =>
      run({
        ...trx,
        query: async (...given) => {
          check()
          return trx.query(...given) as never
        },
      }),
    ) as never
}
