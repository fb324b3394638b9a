import type { EspFacts } from '../ports/esp.ts'

/** What a kind of source does not tell, in sentences; empty when it tells everything. */
export function limitsOf(facts: EspFacts): string[] {
  return [
    facts.text === 'summary' && "reports its own summary instead of the receiving server's reply",
    facts.text === 'none' && 'reports no reply text: causes are based on codes alone',
    !facts.deferrals && 'does not report deferrals: problems show only once mail bounces',
    !facts.deliveries && 'does not report deliveries: counts are watched instead of rates',
    !facts.sendingIp && 'does not report the sending IP: set it in the configuration if you know it',
  ].filter((line) => line !== false)
}
