import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../detect/', import.meta.url)

/** A hash of the detector's code. Its numbers stand in many places, and a state that others made is of no use: so any change of it counts. */
export function detectorHash(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(FOLDER).sort()) hash.update(name).update(readFileSync(new URL(name, FOLDER)))
  return hash.digest('hex')
}
