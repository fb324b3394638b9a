import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCheckpoints } from '../../../src/detect/state/checkpoints.ts'
import { createRecent } from '../../../src/detect/state/minute-buffer.ts'
import { createTopology } from '../../../src/detect/state/slice-groups.ts'
import { createState } from '../../../src/detect/state/state.ts'
import { LOOK_BACK } from '../../../src/detect/state/tallies.ts'

const HORIZON = 1440

/** A detector that has come to `now`, without counts to speak of. */
function arriveAt(now: number) {
  const checkpoints = createCheckpoints({ horizon: HORIZON, checkpointEvery: 10 }, null)
  const recent = createRecent(0, -1)
  for (let minute = 9; minute <= now; minute += 10) {
    checkpoints.keep({ ...createState(), minute })
    checkpoints.settle(minute, recent, createTopology())
  }
  return { checkpoints, recent }
}

it('goes back at most half as far again as counts are late, and never beyond what is still known', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2 * HORIZON, max: 5 * HORIZON }),
      fc.integer({ min: 1, max: HORIZON }),
      (now, late) => {
        const { checkpoints, recent } = arriveAt(now)
        const from = checkpoints.rewind(now - late)!.minute
        expect(now - late - from).toBeLessThanOrEqual(20 + late / 2)
        expect(from).toBeGreaterThanOrEqual(recent.fixed)
        expect(recent.from).toBe(recent.fixed - LOOK_BACK + 1)
      },
    ),
  )
})

it('keeps few states, one of them old enough to be stored', () => {
  const { checkpoints, recent } = arriveAt(5 * HORIZON)
  const [young, old, ...others] = checkpoints.lasting(5 * HORIZON)
  expect(others).toEqual([])
  expect(young!.minute).toBeLessThanOrEqual(5 * HORIZON - 60)
  expect(young!.minute).toBeGreaterThan(5 * HORIZON - 150)
  expect(old!.minute).toBe(recent.fixed)
  expect(old!.minute).toBeLessThan(4 * HORIZON)
})
