import type { EspFacts } from '../ports/esp.ts'

/** What a kind of source does not tell, in sentences; empty when it tells everything. */
export function limitsOf(facts: EspFacts): string[] {
  return [
    facts.text === 'summary' && 'gives its own summary instead of the words of the receiving server',
    facts.text === 'none' && 'gives no reply text: causes come from codes alone',
    !facts.deferrals && 'does not report deferrals: trouble is seen only once mail bounces',
    !facts.deliveries && 'does not report deliveries: counts are watched instead of rates',
    !facts.sendingIp && 'does not name the sending IP: give it in the configuration where you know it',
  ].filter((line) => line !== false)
}
