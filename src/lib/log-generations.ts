import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** How much of a file's beginning tells it from others. The first line of a log has its time. */
const HEAD_BYTES = 256
const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|Z)$/

/** A place in a log file that can be found again after the file was renamed or copied. */
export interface Place {
  ino: number
  offset: number
  /** Of the first bytes, as many as had been seen then. Tells a file from the next one that gets its inode. */
  head: { length: number; hash: string }
}

export interface OpenLog {
  handle: FileHandle
  place: Place
}

async function headOf(handle: FileHandle, length: number): Promise<Place['head']> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
  const hash = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('base64url')
  return { length, hash: hash.slice(0, 22) }
}

/** Whether the log's place is still a place in its file: false once the file was truncated. */
export async function holds({ handle, place: { offset, head } }: OpenLog): Promise<boolean> {
  return (await handle.stat()).size >= offset && (await headOf(handle, head.length)).hash === head.hash
}

/**
 * The place so many bytes further on, when so many are `seen` to be there. The head is kept once it is complete, as the
 * file may be truncated meanwhile.
 */
export async function advance({ handle, place }: OpenLog, bytes: number, seen: number): Promise<Place> {
  const length = Math.min(HEAD_BYTES, place.offset + seen)
  const head = place.head.length < length ? await headOf(handle, length) : place.head
  return { ...place, offset: place.offset + bytes, head }
}

/** Null for a file that is not there: it may be rotated away while we look. */
async function openIfThere(file: string, ignored = ['ENOENT']): Promise<FileHandle | null> {
  try {
    return await open(file)
  } catch (error) {
    if (ignored.includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

export async function openAtStart(file: string): Promise<OpenLog | null> {
  const handle = await openIfThere(file)
  if (!handle) return null
  return { handle, place: { ino: (await handle.stat()).ino, offset: 0, head: await headOf(handle, 0) } }
}

interface Generation {
  file: string
  ino: number
  /** Whether the place that is looked for is in it. */
  matches: boolean
  changedAt: number
}

/** The readable files of a log, oldest first, the current one last: `mail.log.1`, `mail.log-20261005`, `mail.log`. */
async function generations(path: string, place: Place | null): Promise<Generation[]> {
  const base = basename(path)
  const isOlder = (name: string) =>
    (name.startsWith(`${base}.`) || name.startsWith(`${base}-`)) && !COMPRESSED.test(name)
  const found: Generation[] = []
  for (const name of [...(await readdir(dirname(path))).filter(isOlder), base]) {
    const file = join(dirname(path), name)
    // An older file that may not be read is as good as none.
    const handle = await openIfThere(file, ['ENOENT', 'EACCES'])
    if (!handle) continue
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) continue
      found.push({
        file,
        ino: stat.ino,
        matches: place !== null && (await holds({ handle, place })),
        changedAt: stat.mtimeMs,
      })
    } finally {
      await handle.close()
    }
  }
  const age = (it: Generation) => (basename(it.file) === base ? Number.POSITIVE_INFINITY : it.changedAt)
  return found.sort((a, b) => age(a) - age(b))
}

/** Which generation a place is in. A renamed file keeps its inode, a copy (copytruncate) does not. */
function indexOf(files: Generation[], { ino }: Place): number {
  const same = files.findIndex((it) => it.matches && it.ino === ino)
  return same >= 0 ? same : files.findLastIndex((it) => it.matches)
}

/** Opens the file that a place is in, there. Null if none has it any more. */
export async function reopen(path: string, place: Place): Promise<OpenLog | null> {
  const files = await generations(path, place)
  const found = files[indexOf(files, place)]
  const handle = found && (await openIfThere(found.file))
  return handle ? { handle, place: { ...place, ino: found.ino } } : null
}

/** Opens the oldest generation that was written to since then, at its beginning. Null where there is none. */
export async function openOldest(path: string, since: Date): Promise<OpenLog | null> {
  const oldest = (await generations(path, null)).find(({ changedAt }) => changedAt >= since.getTime())
  return oldest ? openAtStart(oldest.file) : null
}

/** Opens the generation after the one that a place is in, at its beginning. */
export async function openNext(path: string, place: Place): Promise<OpenLog | null> {
  const files = await generations(path, place)
  const index = indexOf(files, place)
  return openAtStart((index < 0 ? undefined : files[index + 1]?.file) ?? path)
}
