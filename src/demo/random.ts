/** Draws from one seeded stream. The same seed gives the same draws on every machine. */
export interface Random {
  /** In [0, 1). */
  uniform(): number
  /** A whole number in [from, to). */
  integer(from: number, to: number): number
  between(from: number, to: number): number
  chance(p: number): boolean
  pick<T>(from: readonly T[]): T
  normal(): number
  /** Of mean 1. */
  exponential(): number
  poisson(mean: number): number
  binomial(n: number, p: number): number
}

// From here on the normal distribution is close enough, and costs the same for any n.
const NORMAL_FROM = 30

export function createRandom(seed: number): Random {
  const uniform = sfc32(seed)
  let spare = Number.NaN

  function normal(): number {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = Number.NaN
      return kept
    }
    // Marsaglia's polar method: two draws at a time.
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const s = x * x + y * y
      if (s >= 1 || s === 0) continue
      const scale = Math.sqrt((-2 * Math.log(s)) / s)
      spare = y * scale
      return x * scale
    }
  }

  function poisson(mean: number): number {
    if (mean > NORMAL_FROM) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-mean)
    let n = 0
    for (let product = uniform(); product > limit; product *= uniform()) n++
    return n
  }

  function binomial(n: number, p: number): number {
    if (n === 0 || p <= 0) return 0
    if (p >= 1) return n
    if (p > 0.5) return n - binomial(n, 1 - p)
    const variance = n * p * (1 - p)
    if (variance > NORMAL_FROM) return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(variance) * normal())))
    // Jumps from success to success: one draw for each, and one for the rest.
    const log = Math.log1p(-p)
    let successes = -1
    let trials = 0
    while (trials <= n) {
      trials += 1 + Math.floor(Math.log(1 - uniform()) / log)
      successes++
    }
    return successes
  }

  return {
    uniform,
    integer: (from, to) => from + Math.floor(uniform() * (to - from)),
    between: (from, to) => from + uniform() * (to - from),
    chance: (p) => uniform() < p,
    pick: (from) => from[Math.floor(uniform() * from.length)] as (typeof from)[number],
    normal,
    exponential: () => -Math.log(1 - uniform()),
    poisson,
    binomial,
  }
}

/** Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, 32 bits a draw. */
function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 2 ** 32
  }
  // The author's own warm-up, so that near seeds give unlike streams.
  for (let i = 0; i < 15; i++) next()
  return next
}
