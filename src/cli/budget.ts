import { type Budget, DEFAULT_BUDGET, parseBudget } from '../detect/alarm/budget.ts'
import { UsageError } from './usage.ts'

/** Throws UsageError. */
export function budgetOf(text: string | null): Budget {
  if (text === null) return DEFAULT_BUDGET
  const budget = parseBudget(text)
  if (!budget)
    throw new UsageError(`--false-alarms is "2 per month" or "1 per 1000 slice-days", not "${text}"`, 'replay')
  return budget
}
