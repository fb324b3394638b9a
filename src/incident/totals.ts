import type { DeliveryIncident } from './incident.ts'

/** What was affected from the beginning to now: the last reading's figures, which only grow, unless that was a part of it. */
export function totals({ reading, worst }: DeliveryIncident): { attempts: number | null; failures: number } {
  const { attempts, failures } = reading.failures >= worst.failures ? reading : worst
  return { attempts, failures }
}
