import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const OTHERS = 0o077

/** Makes what is there readable by its owner only: directories 0700, files 0600. */
export function closeToOthers(path: string): void {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return
  if ((stats.mode & OTHERS) !== 0) chmod(path, stats.mode & ~OTHERS & 0o7777)
  if (stats.isDirectory()) for (const name of readdirSync(path)) closeToOthers(join(path, name))
}

/** On a volume that belongs to another user (Kubernetes' `fsGroup`) the mode is not ours to set. */
function chmod(path: string, mode: number): void {
  try {
    chmodSync(path, mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}
