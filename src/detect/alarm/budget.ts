/** How many false alarms people put up with. A slice-day is one slice watched for one day. */
export type Budget =
  | { per: 'month' | 'week' | 'day'; times: number }
  | { per: 'slice-days'; times: number; days: number }

export const DEFAULT_BUDGET: Budget = { per: 'slice-days', times: 1, days: 1000 }

const DAYS = { month: 30, week: 7, day: 1 } as const
const IN_TIME = /^(\d+(?:\.\d+)?)\s*(?:per|a|\/)\s*(month|week|day)$/iu
const IN_SLICE_DAYS = /^(\d+(?:\.\d+)?)\s*(?:per|in|\/)\s*(\d+)\s*slice-?\s?days?$/iu

/** Reads "2 per month" or "1 per 1000 slice-days"; null where it is neither, or nothing at all is allowed. */
export function parseBudget(text: string): Budget | null {
  const inTime = IN_TIME.exec(text.trim())
  if (inTime) {
    const times = Number(inTime[1])
    return times > 0 ? { per: inTime[2]!.toLowerCase() as keyof typeof DAYS, times } : null
  }
  const inSliceDays = IN_SLICE_DAYS.exec(text.trim())
  const times = Number(inSliceDays?.[1])
  const days = Number(inSliceDays?.[2])
  return times > 0 && days > 0 ? { per: 'slice-days', times, days } : null
}

/** False alarms per slice and day, for an installation of so many slices. */
export function perSliceDay(budget: Budget, slices: number): number {
  if (budget.per === 'slice-days') return budget.times / budget.days
  return budget.times / DAYS[budget.per] / Math.max(slices, 1)
}

/** False alarms a month, for an installation of so many slices. */
export const perMonth = (budget: Budget, slices: number): number =>
  perSliceDay(budget, slices) * Math.max(slices, 1) * DAYS.month
