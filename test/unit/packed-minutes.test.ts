import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eachMinute, noMinutes, packMinutes, unpackMinutes } from '../../src/store/packed-minutes.ts'

const anyCount = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }))

it('gives back every hour as it was packed', () => {
  fc.assert(
    fc.property(fc.array(anyCount, { minLength: 60, maxLength: 60 }), (counts) => {
      const minutes = Float64Array.from(counts)
      const unpacked = noMinutes()
      unpackMinutes(packMinutes(minutes), unpacked)
      expect([...unpacked]).toEqual(counts)
    }),
  )
})

it('takes two bytes for a minute with fewer than 255, none for a minute without', () => {
  const minutes = noMinutes()
  minutes[0] = 254
  minutes[59] = 1
  expect(packMinutes(minutes)).toEqual(Buffer.from([0, 254, 59, 1]))
  minutes[59] = 255
  expect(packMinutes(minutes)).toEqual(Buffer.from([0, 254, 59, 255, 0, 0, 0, 255]))
})

it('visits the minutes in order', () => {
  const minutes = noMinutes()
  minutes[7] = 70_000
  minutes[3] = 3
  const visited: [number, number][] = []
  eachMinute(packMinutes(minutes), (minute, n) => visited.push([minute, n]))
  expect(visited).toEqual([
    [3, 3],
    [7, 70_000],
  ])
})
