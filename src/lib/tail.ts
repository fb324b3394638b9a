import { stat } from 'node:fs/promises'
import {
  advance,
  holds,
  type OpenLog,
  openAtStart,
  openNext,
  openOldest,
  type Place,
  reopen,
} from './log-generations.ts'

/** Read at a time, and the longest line there is: what is longer comes in pieces. */
const READ_BYTES = 1024 * 1024
const NEWLINE = 0x0a

export interface Stretch {
  /** Whole lines, without their ends. None: there is nothing more to read for now. */
  lines: string[]
  /** After these lines. */
  place: Place
  /** Lines before the place that reading began at, for what they tell about the ones that follow. */
  context: boolean
}

export interface TailOptions {
  signal: AbortSignal
  /** Waits before the file is looked at again. Rejects when aborted. */
  pause: () => Promise<void>
  /** How many bytes before `from` are given again, as context. */
  contextBytes: number
  /** Without a place it begins with the oldest file that was written to since then; otherwise with the current one. */
  since?: Date
  /** Called when the place to go on from is in no file any more, so that lines may have been missed. */
  lost: () => void
}

/**
 * Follows a log file over rotation (renamed and created anew, or copied and truncated), from a place that may lie in a
 * rotated file, or from the beginning. A line is given once it is complete. Waits for a file that is not there. Ends
 * when aborted.
 */
export async function* tail(path: string, from: Place | null, options: TailOptions): AsyncGenerator<Stretch> {
  let log = from ? await reopenOrStart(path, from, options) : await openFirst(path, options)
  try {
    if (log && from && log.place.offset > 0) yield await contextOf(log, options.contextBytes)
    while (!options.signal.aborted) {
      let next: OpenLog | null = null
      if (!log) {
        next = await openAtStart(path)
      } else if (!(await holds(log))) {
        // Truncated in place. What was not read yet may be in a copy that was made before.
        next = await reopenOrStart(path, log.place, options)
      } else {
        const read = await readLines(log)
        log.place = await advance(log, read.bytes, read.seen)
        if (read.lines.length > 0) {
          yield { lines: read.lines, place: log.place, context: false }
          continue
        }
        next = await nextGeneration(path, log, read.seen)
        // Nobody completes the last line of a file that is no longer written to.
        if (next && read.rest) {
          log.place = await advance(log, read.seen, read.seen)
          yield { lines: [read.rest], place: log.place, context: false }
        }
      }
      if (next) {
        await log?.handle.close()
        log = next
        continue
      }
      if (log) yield { lines: [], place: log.place, context: false }
      if (!(await paused(options))) return
    }
  } finally {
    await log?.handle.close()
  }
}

async function paused({ pause, signal }: TailOptions): Promise<boolean> {
  try {
    await pause()
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

async function openFirst(path: string, { since }: TailOptions): Promise<OpenLog | null> {
  return (since && (await openOldest(path, since))) ?? openAtStart(path)
}

async function reopenOrStart(path: string, place: Place, { lost }: TailOptions): Promise<OpenLog | null> {
  const log = await reopen(path, place)
  if (!log) lost()
  return log ?? openAtStart(path)
}

/** `seen` counts the bytes that are there, `bytes` those of whole lines; `rest` is the beginning of a line. */
async function readLines({ handle, place }: OpenLog) {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, place.offset)
  const read = buffer.subarray(0, bytesRead)
  const lines: string[] = []
  let start = 0
  for (let end = read.indexOf(NEWLINE); end >= 0; end = read.indexOf(NEWLINE, start)) {
    // Decoded one by one: a part cut from one large string would keep all of it in memory.
    lines.push(read.toString('utf8', start, end))
    start = end + 1
  }
  if (start === 0 && bytesRead === READ_BYTES) {
    // Without an end in sight it is taken as it is, or it would block all that follows.
    const whole = wholeCharacters(read)
    return { lines: [read.toString('utf8', 0, whole)], bytes: whole, seen: bytesRead, rest: '' }
  }
  return { lines, bytes: start, seen: bytesRead, rest: read.toString('utf8', start) }
}

/** The length without the beginning of a character of UTF-8 whose rest is still to come. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    const isFirst = byte >= 0xc0
    if (isFirst) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? bytes.length - back : bytes.length
    if (byte < 0x80) return bytes.length
  }
  return bytes.length
}

async function contextOf({ handle, place }: OpenLog, most: number): Promise<Stretch> {
  const start = Math.max(0, place.offset - most)
  const length = place.offset - start
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start)
  const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
  // The first is cut off, unless it is the file's first.
  return { lines: start === 0 ? lines : lines.slice(1), place, context: true }
}

/** What to go on with after the end of a file. Null: nothing yet. */
async function nextGeneration(path: string, { handle, place }: OpenLog, seen: number): Promise<OpenLog | null> {
  const current = await stat(path).catch(() => null)
  // A new file that is empty is not written to yet: its writer may be at the old one until it is told.
  if (!current || current.ino === place.ino || current.size === 0) return null
  // By now the writer is at the new file, so that what the old one has at this moment is all it will have.
  if ((await handle.stat()).size > place.offset + seen) return null
  return openNext(path, place)
}
