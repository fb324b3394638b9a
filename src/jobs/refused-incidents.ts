import { createHash } from 'node:crypto'
import { titleOf, unstoredCard } from '../cards/alert.ts'
import type { Log } from '../ports/log.ts'
import type { RefusedCommit } from '../ports/store/index.ts'
import type { DirectAlerts } from './direct.ts'

/** To be called after every look with the incidents that the store refused then. */
export type RefusedIncidents = (refused: readonly RefusedCommit[], at: Date) => Promise<void>

/** Incidents that the store refuses are told all the same, once for as long as they are refused: one of them must not stop the others. */
export function createRefusedIncidents({ alerts, log }: { alerts: DirectAlerts; log: Log }): RefusedIncidents {
  /** The keys of those of the last look, by what they are about: their IDs are new at each. */
  const known = new Map<string, string>()

  return async (refused, at) => {
    const now = new Map(refused.map((each) => [each.incident.fingerprint, each]))
    for (const [fingerprint, key] of known) {
      if (now.has(fingerprint)) continue
      known.delete(fingerprint)
      await alerts.over(key, null)
    }
    for (const [fingerprint, { incident, problem }] of now) {
      if (!known.has(fingerprint)) log.error({}, `${titleOf(incident)}. It could not be stored: ${problem}`)
      const key = known.get(fingerprint) ?? keyOf(fingerprint, at)
      known.set(fingerprint, key)
      if (incident.state !== 'resolved' && incident.muted === null)
        await alerts.tell(key, unstoredCard(incident, problem))
    }
  }
}

/** The same for every replica, and another one tomorrow. */
const keyOf = (fingerprint: string, at: Date) =>
  `refused ${createHash('sha256').update(fingerprint).digest('hex').slice(0, 16)} ${at.toISOString().slice(0, 10)}`
