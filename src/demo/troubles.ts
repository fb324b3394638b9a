import type { Label } from './incidents.ts'
import type { Moods } from './moods.ts'
import type { Random } from './random.ts'

/** This minute's chances by slice: the moods, and what is planned or happens by itself on top of them. */
export interface Troubles {
  readonly throttle: Float64Array
  readonly block: Float64Array
  readonly unknown: Float64Array
  /** What the volume is multiplied by. */
  readonly volume: Float64Array
  /** 1 while a planned trouble makes the failures of a slice. */
  readonly planned: Uint8Array
  /** To be called for each minute, in order. */
  advance(minute: number): void
}

export function createTroubles(
  slices: number,
  labels: readonly Label[],
  moods: Moods,
  hiccups: number,
  random: Random,
): Troubles {
  const now = {
    throttle: new Float64Array(slices),
    block: new Float64Array(slices),
    unknown: new Float64Array(slices),
    volume: new Float64Array(slices),
    planned: new Uint8Array(slices),
    advance,
  }
  const ratesOf = { throttle: now.throttle, block: now.block, unknown: now.unknown }
  const left = new Int32Array(slices)
  const height = new Float64Array(slices)
  let next = 0
  let active: Label[] = []

  function advance(minute: number) {
    now.throttle.set(moods.throttle)
    now.block.set(moods.block)
    now.unknown.set(moods.unknown)
    now.volume.fill(1)
    now.planned.fill(0)
    for (let label = labels[next]; label && label.from <= minute; label = labels[++next]) active.push(label)
    if (active.length > 0) active = active.filter(({ to }) => minute < to)
    for (const label of active) suffer(label, minute - label.from)
    hiccup()
  }

  function suffer(label: Label, since: number) {
    // Slow at both ends, unlike a straight line.
    const x = label.ramp > 0 ? Math.min(1, (since + 1) / label.ramp) : 1
    const part = x * x * (3 - 2 * x)
    label.slices.forEach((slice, index) => {
      if (label.volume !== undefined) now.volume[slice] = label.volume
      if (!label.family) return
      const rates = ratesOf[label.family]
      const usual = rates[slice] ?? 0
      const actual = Math.max(usual, usual + part * ((label.peak[index] ?? 0) - usual))
      label.usual[index]![since] = usual
      label.actual[index]![since] = actual
      rates[slice] = Math.min(0.99, actual)
      now.planned[slice] = 1
    })
  }

  /** One to some minutes of failures that mean nothing. */
  function hiccup() {
    for (let n = random.poisson((hiccups * slices) / 1440); n > 0; n--) {
      const slice = random.integer(0, slices)
      left[slice] = 1 + Math.floor(random.exponential() * 1.5)
      // The sign says of which family.
      height[slice] = random.between(0.04, 0.28) * (random.chance(0.5) ? 1 : -1)
    }
    for (let slice = 0; slice < slices; slice++) {
      if (left[slice] === 0) continue
      left[slice]!--
      const signed = height[slice] ?? 0
      const rates = signed > 0 ? now.throttle : now.block
      rates[slice] = Math.max(rates[slice] ?? 0, Math.abs(signed))
    }
  }
  return now
}
