import { type AlertRule, createRuleWatch, type RuleMinute } from '../alert-rules/rules.ts'
import type { Budget } from '../detect/alarm/budget.ts'
import { createWatch, type SourceMinute } from '../detect/detector.ts'
import { REACH } from '../detect/state/checkpoints.ts'
import type { Incident } from '../incident/incident.ts'
import { extentOf } from '../incident/scope-text.ts'
import { advance, track } from '../incident/track.ts'
import { eventOf, type ReplayEvent } from './event.ts'

export interface ReplayParams {
  falseAlarms: Budget
  rules: readonly AlertRule[]
}

export interface Replay {
  /** What was seen by the end of the minute `at`; minutes between this call and the last one pass without news. */
  minute(at: Date, changes: readonly SourceMinute[], results?: readonly RuleMinute[]): ReplayEvent[]
}

const MINUTE = 60_000

/** Plays counts through the very same watch and incidents as live, only faster. */
export function createReplay({ falseAlarms, rules }: ReplayParams): Replay {
  const watch = createWatch({ ...REACH, falseAlarms, wordScope: extentOf })
  const ruleWatch = createRuleWatch(rules)
  let current: Incident[] = []
  let last = Number.NaN

  function step(at: Date, changes: readonly SourceMinute[], results: readonly RuleMinute[]): ReplayEvent[] {
    const findings = [...watch.advance(at, changes), ...ruleWatch.advance(at, results)]
    if (findings.length === 0 && current.length === 0) return []
    const transitions = track(current, { at, findings, blind: [], silences: [] })
    const events = transitions.flatMap((transition) => eventOf(transition, current, at))
    current = advance(current, transitions, at)
    return events
  }

  return {
    minute(at, changes, results = []) {
      const events: ReplayEvent[] = []
      const now = Math.floor(at.getTime() / MINUTE)
      for (let minute = Number.isNaN(last) ? now : last + 1; minute < now; minute++) {
        events.push(...step(new Date(minute * MINUTE), [], []))
      }
      events.push(...step(new Date(now * MINUTE), changes, results))
      last = now
      return events
    },
  }
}
