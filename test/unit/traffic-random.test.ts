import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/demo/random.ts'

const N = 20_000

function moments(draw: () => number) {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < N; i++) {
    const x = draw()
    sum += x
    squares += x * x
  }
  const mean = sum / N
  return { mean, variance: squares / N - mean ** 2 }
}

test('the same seed gives the same draws, another seed others', () => {
  const draws = (seed: number) => {
    const { uniform } = createRandom(seed)
    return Array.from({ length: 20 }, uniform)
  }
  expect(draws(7)).toEqual(draws(7))
  expect(draws(7)).not.toEqual(draws(8))
})

describe('mean and variance are those of the distribution', () => {
  const random = createRandom(1)
  test.each<[string, () => number, number, number]>([
    ['uniform', random.uniform, 0.5, 1 / 12],
    ['between', () => random.between(2, 4), 3, 1 / 3],
    ['normal', random.normal, 0, 1],
    ['exponential', random.exponential, 1, 1],
    ['poisson, few', () => random.poisson(0.3), 0.3, 0.3],
    ['poisson, some', () => random.poisson(12), 12, 12],
    ['poisson, many', () => random.poisson(400), 400, 400],
    ['binomial, rare', () => random.binomial(40, 0.01), 0.4, 0.396],
    ['binomial, half', () => random.binomial(10, 0.5), 5, 2.5],
    ['binomial, mostly', () => random.binomial(20, 0.9), 18, 1.8],
    ['binomial, many', () => random.binomial(5000, 0.3), 1500, 1050],
  ])('%s', (_, draw, mean, variance) => {
    const found = moments(draw)
    // Five standard errors of the mean; a seeded draw is the same each time, so this does not fail by chance.
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / N))
    expect(found.variance / variance).toBeGreaterThan(0.93)
    expect(found.variance / variance).toBeLessThan(1.07)
  })
})

test('a binomial is a whole number between 0 and n, whatever n and p', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), (seed, n, p) => {
      const k = createRandom(seed).binomial(n, p)
      expect(Number.isInteger(k)).toBe(true)
      expect(k).toBeGreaterThanOrEqual(0)
      expect(k).toBeLessThanOrEqual(n)
    }),
  )
})

test('an integer lies in its range, the end not inside', () => {
  const random = createRandom(3)
  const drawn = new Set(Array.from({ length: 500 }, () => random.integer(3, 7)))
  expect([...drawn].sort()).toEqual([3, 4, 5, 6])
})
