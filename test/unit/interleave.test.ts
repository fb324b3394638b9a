import { expect, test } from 'vitest'
import { interleave } from '../../src/lib/interleave.ts'

async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of iterable) all.push(one)
  return all
}

test('gives everything of everyone, with no more under way at a time than it may have', async () => {
  let underWay = 0
  let most = 0
  const iterables = Array.from(
    { length: 9 },
    (_, i) =>
      async function* () {
        most = Math.max(most, ++underWay)
        for (let n = 0; n <= i; n++) {
          await Promise.resolve()
          yield `${i}.${n}`
        }
        underWay--
      },
  )
  const all = await collect(interleave(iterables, 4))
  expect(all).toHaveLength(45)
  expect(new Set(all).size).toBe(45)
  expect(most).toBe(4)
})

test('gives nothing of nobody', async () => {
  expect(await collect(interleave([], 4))).toEqual([])
})

test('ends the others when one fails, or when nobody wants more', async () => {
  const ended: string[] = []
  const endless = (name: string) =>
    async function* () {
      try {
        for (;;) {
          await Promise.resolve()
          yield name
        }
      } finally {
        ended.push(name)
      }
    }
  const failing = async function* (): AsyncGenerator<string> {
    yield 'one'
    throw new Error('broken')
  }
  await expect(collect(interleave([endless('a'), failing, endless('b')], 3))).rejects.toThrow('broken')
  expect(ended.toSorted()).toEqual(['a', 'b'])
  for await (const _ of interleave([endless('c'), endless('d')], 2)) break
  expect(ended.toSorted()).toEqual(['a', 'b', 'c', 'd'])
})
