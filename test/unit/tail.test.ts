import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Place } from '../../src/lib/log-generations.ts'
import { tail } from '../../src/lib/tail.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bouncebell-tail-'))
  path = join(directory, 'mail.log')
})
afterEach(() => rm(directory, { recursive: true }))

interface Reading {
  lines: string[]
  context: string[]
  place: Place | null
  lost: number
  /** Resolves when so many lines were read. */
  has(count: number): Promise<void>
  /** Resolves when everything there is was read. */
  idle(): Promise<void>
  stop(): Promise<void>
}

/** Reads in the background, from `from`. */
function read(from: Place | null = null, since?: Date): Reading {
  const stop = new AbortController()
  let pauses = 0
  const reading: Reading = {
    lines: [],
    context: [],
    place: from,
    lost: 0,
    has: async (count) => {
      while (reading.lines.length < count) await wait(1)
    },
    idle: async () => {
      const enough = pauses + 2
      while (pauses < enough) await wait(1)
    },
    stop: async () => {
      stop.abort()
      await done
    },
  }
  const stretches = tail(path, from, {
    signal: stop.signal,
    pause: async () => {
      pauses++
      await wait(1, undefined, { signal: stop.signal })
    },
    contextBytes: 20,
    ...(since && { since }),
    lost: () => {
      reading.lost++
    },
  })
  const done = (async () => {
    for await (const { lines, place, context } of stretches) {
      reading[context ? 'context' : 'lines'].push(...lines)
      if (!context) reading.place = place
    }
  })()
  return reading
}

async function readAll(from: Place | null = null): Promise<Reading> {
  const reading = read(from)
  await reading.idle()
  await reading.stop()
  return reading
}

test('gives what is there and what comes, each line once it is complete', async () => {
  await writeFile(path, 'one\ntwo\nthr')
  const reading = read()
  await reading.idle()
  expect(reading.lines).toEqual(['one', 'two'])
  await appendFile(path, 'ee\nfour\n')
  await reading.has(4)
  await reading.stop()
  expect(reading.lines).toEqual(['one', 'two', 'three', 'four'])
})

test('begins with the rotated files of the time that is wanted, the oldest first', async () => {
  const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000)
  for (const [name, text, ago] of [
    ['.3', 'too old\n', 400],
    ['.2', 'one\ntwo\n', 48],
    ['.2.gz', 'compressed\n', 48],
    ['.1', 'three\nhalf', 24],
    ['', 'four\n', 0],
  ] as const) {
    await writeFile(`${path}${name}`, text)
    await utimes(`${path}${name}`, hours(ago), hours(ago))
  }
  const reading = read(null, hours(300))
  await reading.has(5)
  await appendFile(path, 'five\n')
  await reading.has(6)
  await reading.stop()
  expect(reading.lines).toEqual(['one', 'two', 'three', 'half', 'four', 'five'])
  // Not again, once it has a place.
  await appendFile(path, 'six\n')
  const second = read(reading.place, hours(300))
  await second.has(1)
  await second.stop()
  expect(second.lines).toEqual(['six'])
})

test('gives a line that is longer than can be read at once in pieces, without breaking a character', async () => {
  const line = `x${'é'.repeat(1024 * 1024)}`
  const wide = `${'😀'.repeat(300_000)}y${'€'.repeat(400_000)}`
  await writeFile(path, `${line}\n${wide}\n`)
  const reading = read()
  await reading.idle()
  await reading.stop()
  expect(reading.lines.length).toBeGreaterThan(4)
  expect(reading.lines.join('') === line + wide).toBe(true)
})

test('takes bytes that are no characters as they are', async () => {
  await writeFile(path, Buffer.concat([Buffer.alloc(1024 * 1024 + 9, 0x80), Buffer.from('\nnext\n')]))
  const reading = read()
  await reading.idle()
  await reading.stop()
  expect(reading.lines.at(-1)).toBe('next')
})

test('goes on where it was, also in the middle of a character', async () => {
  await writeFile(path, 'one\ntwo\n')
  const { place } = await readAll()
  await appendFile(path, Buffer.from('drei\nfünf\n').subarray(0, 7))
  const second = await readAll(place)
  expect(second.lines).toEqual(['drei'])
  await appendFile(path, Buffer.from('drei\nfünf\n').subarray(7))
  expect((await readAll(second.place)).lines).toEqual(['fünf'])
})

test('gives the lines before the place as context', async () => {
  await writeFile(path, 'a long first line\nsecond\nthird\n')
  const { place } = await readAll()
  await appendFile(path, 'fourth\n')
  const reading = await readAll(place)
  expect(reading.lines).toEqual(['fourth'])
  expect(reading.context.filter(Boolean)).toEqual(['second', 'third'])
})

test('waits for a file that is not there', async () => {
  const reading = read()
  await reading.idle()
  await writeFile(path, 'one\n')
  await reading.has(1)
  await reading.stop()
  expect(reading.lines).toEqual(['one'])
})

test('reads the rest of a renamed file, also what is written to it after the new one was made', async () => {
  await writeFile(path, 'one\n')
  const reading = read()
  await reading.has(1)
  await rename(path, `${path}.1`)
  await writeFile(path, '')
  await appendFile(`${path}.1`, 'two\n')
  await reading.has(2)
  await appendFile(path, 'three\n')
  await reading.has(3)
  await reading.stop()
  expect(reading.lines).toEqual(['one', 'two', 'three'])
})

test('reads the rest of a file that was renamed and deleted at once', async () => {
  await writeFile(path, 'one\n')
  const reading = read()
  await reading.has(1)
  await appendFile(path, 'two\n')
  await rename(path, `${path}.1`)
  await unlink(`${path}.1`)
  await writeFile(path, 'three\n')
  await reading.has(3)
  await reading.stop()
  expect(reading.lines).toEqual(['one', 'two', 'three'])
})

test('reads what was copied away before the file was truncated', async () => {
  await writeFile(path, 'one\n')
  const { place } = await readAll()
  await appendFile(path, 'two\n')
  await copyFile(path, `${path}.1`)
  await truncate(path)
  await appendFile(path, 'three, which is longer than all before it\n')
  const reading = await readAll(place)
  expect(reading.lines).toEqual(['two', 'three, which is longer than all before it'])
  expect(reading.lost).toBe(0)
})

test('starts anew when the file is truncated under it', async () => {
  await writeFile(path, 'one\ntwo\n')
  const reading = read()
  await reading.has(2)
  await truncate(path)
  await appendFile(path, 'three\n')
  await reading.has(3)
  await reading.stop()
  expect(reading.lines).toEqual(['one', 'two', 'three'])
})

test('catches up over several rotations while it was not running', async () => {
  await writeFile(path, 'one\n')
  const { place } = await readAll()
  await appendFile(path, 'two\n')
  await rename(path, `${path}-20261004`)
  await writeFile(path, 'three\nunfinished')
  await wait(5)
  await rename(path, `${path}-20261005`)
  await writeFile(`${path}.2.gz`, 'not to be read\n')
  await mkdir(`${path}.d`)
  await wait(5)
  await writeFile(path, 'four\n')
  expect((await readAll(place)).lines).toEqual(['two', 'three', 'unfinished', 'four'])
})

test('says so when the place is nowhere any more, and starts anew', async () => {
  await writeFile(path, 'one\n')
  const { place } = await readAll()
  await unlink(path)
  await writeFile(path, 'a new file\n')
  const reading = await readAll(place)
  expect(reading.lines).toEqual(['a new file'])
  expect(reading.lost).toBe(1)
})

test('gives a line without an end in pieces rather than stopping at it', async () => {
  await writeFile(path, `${'x'.repeat(2_500_000)}\nnext\n`)
  const { lines } = await readAll()
  expect(lines.join('')).toBe(`${'x'.repeat(2_500_000)}next`)
  expect(lines.at(-1)).toBe('next')
})

test('gives each line exactly once and in order, however files are written, rotated and readers stopped', async () => {
  const step = fc.constantFrom('write', 'write half', 'rename', 'copy and truncate', 'restart', 'read')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      await rm(directory, { recursive: true })
      directory = await mkdtemp(join(tmpdir(), 'bouncebell-tail-'))
      path = join(directory, 'mail.log')
      // From the first line on there is a place to go on from.
      await writeFile(path, 'the first line\n')
      const written = ['the first line']
      const seen: string[] = []
      let half = ''
      let rotations = 0
      let reading = read()
      await reading.has(1)
      let isSeen = false
      const write = async (text: string) => {
        await appendFile(path, text)
        // A file is looked at at least once while it is written to; what comes later may be unread when it is rotated.
        if (!isSeen) await reading.idle()
        isSeen = true
      }
      const line = () => `${written.length}: after ${rotations} rotations`
      const finish = async () => {
        if (half) {
          await write(`${half.slice(4)}\n`)
          half = ''
        }
      }
      for (const what of steps) {
        if (what === 'write half' && !half) {
          half = line()
          written.push(half)
          await write(half.slice(0, 4))
        } else if (what === 'write' || what === 'write half') {
          await finish()
          written.push(line())
          await write(`${written.at(-1)}\n`)
        } else if (what === 'restart') {
          await reading.stop()
          seen.push(...reading.lines)
          reading = read(reading.place)
          await reading.idle()
        } else if (what === 'read') await reading.idle()
        else {
          // A writer ends its line before it lets go of a file.
          await finish()
          rotations++
          isSeen = false
          const older = `${path}.${rotations}`
          if (what === 'rename') {
            await rename(path, older)
            await utimes(older, rotations, rotations)
            await writeFile(path, '')
          } else {
            await copyFile(path, older)
            // The file system's clock ticks too slowly to tell these files' ages apart.
            await utimes(older, rotations, rotations)
            await truncate(path)
          }
        }
      }
      await finish()
      await reading.idle()
      await reading.stop()
      expect([...seen, ...reading.lines]).toEqual(written)
    }),
    { numRuns: 60 },
  )
})
