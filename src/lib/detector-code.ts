import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SIGNALS } from '../smtp/causes.ts'
import { codeOf, importsOf } from './code-text.ts'

/** Where the numbers of a stored state come from: these, and what they take values from within the folder. */
const DETECT = new URL('../detect/', import.meta.url)
const BEGINNINGS = ['detector.ts', 'counts.ts']

type Read = (file: URL) => string
const readFromDisk: Read = (file) => readFileSync(file, 'utf8')

/** The files that compute, in no order that matters. */
export function detectorFiles(read: Read = readFromDisk): URL[] {
  const found = new Map<string, URL>()
  const waiting = BEGINNINGS.map((name) => new URL(name, DETECT))
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (found.has(file.href) || !file.href.startsWith(DETECT.href)) continue
    found.set(file.href, file)
    for (const path of importsOf(read(file))) waiting.push(new URL(path, file))
  }
  return [...found.values()]
}

/**
 * A hash of the detector's code: another one, and the numbers of a stored state may be others. It holds what computes and
 * nothing else: comments, types, layout, names of files and what only words findings leave it as it is.
 */
export function detectorHash(read: Read = readFromDisk): string {
  const codes = detectorFiles(read).map((file) => codeOf(read(file)))
  const hash = createHash('sha256').update(SIGNALS.join())
  for (const code of codes.sort()) hash.update('\0').update(code)
  return hash.digest('hex')
}
