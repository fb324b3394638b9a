import { type Budget, perMonth } from '../detect/alarm/budget.ts'
import type { Settled } from '../detect/calibration-summary.ts'
import { count, grouped } from '../incident/wording.ts'
import type { Field } from './card.ts'

/** How the detector is set: for everybody, and for those who want its numbers. */
export interface DetectionStatus {
  summary: Field[]
  detail: Field[]
}

export const NO_DETECTION: DetectionStatus = { summary: [], detail: [] }

export function detectionStatus(budget: Budget, settled: Settled): DetectionStatus {
  const { slices, sliceDays, signals } = settled
  const set = signals.filter(({ bars }) => bars.some((bar) => bar > 0))
  return {
    summary: [{ label: 'False alarms', value: slices === 0 ? 'no traffic yet' : expectedFalseAlarms(budget, slices) }],
    detail: [
      {
        label: 'Watched',
        value: `${count(slices, 'slice')}; calibrated on ${grouped(sliceDays)} quiet slice-days`,
      },
      ...set
        .filter(({ signal }) => signal === 'throttling' || signal === 'blocking')
        .map(({ signal, bars, stray }) => ({
          label: `Threshold for ${signal}`,
          value: `${bars.map((bar) => bar.toFixed(1)).join(' / ')} nats (slices with few, some, many messages a minute; providers; wider groups); one ordinary hour in twenty is ${stray.toFixed(2)} times the usual rate or more`,
        })),
    ],
  }
}

/** "expect about 6 a month with your traffic" */
export function expectedFalseAlarms(budget: Budget, slices: number): string {
  const aMonth = perMonth(budget, slices)
  const months = Math.round(1 / aMonth)
  const often =
    aMonth >= 1.5 ? `${grouped(aMonth)} a month` : months <= 1 ? 'one a month' : `one every ${months} months`
  return `expect about ${often} with your traffic`
}
