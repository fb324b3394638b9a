import { z } from 'zod'
import { CAUSE_NAMES, SIGNALS } from '../smtp/causes.ts'
import type { AlertRule, RuleTest } from './rules.ts'

const MINUTES = { m: 1, min: 1, h: 60, d: 1440 } as const

const duration = z
  .string()
  .regex(/^\d+\s*(m|min|h|d)$/u, 'must be a time such as 10m, 2h or 1d')
  .transform((text) => Number.parseInt(text, 10) * MINUTES[text.replace(/[\d\s]/gu, '') as keyof typeof MINUTES])
  .refine((minutes) => minutes >= 1 && minutes <= 1440, 'must be between 1m and 1d')

const rate = z
  .string()
  .regex(/^>\s*\d+(\.\d+)?\s*%$/u, 'must be a share such as "> 5%"')
  .transform((text) => Number.parseFloat(text.replace('>', '')) / 100)
  .refine((share) => share > 0 && share < 1, 'must be between 0% and 100%')

const count = z
  .string()
  .regex(/^>\s*\d+\s*\/\s*(\d+\s*)?(m|min|h|d)$/u, 'must be a number per time such as "> 10/h" or "> 5/15m"')
  .transform((text) => {
    const [more = '', per = ''] = text.replace('>', '').split('/')
    const times = Number.parseInt(per, 10) || 1
    const unit = per.replace(/[\d\s]/gu, '') as keyof typeof MINUTES
    return { more: Number.parseInt(more, 10), minutes: times * MINUTES[unit] }
  })
  .refine(({ minutes }) => minutes <= 1440, 'must be per a day at most')

const one = <T extends z.ZodType>(value: T) => z.union([value.transform((each) => [each]), z.array(value).min(1)])
const text = one(z.string().min(1))

const when = z.strictObject({
  code: one(z.int().min(200).max(599)).optional().describe('reply codes, such as 421'),
  enhanced: text.optional().describe('enhanced status codes, such as 4.7.28'),
  cause: one(z.enum(CAUSE_NAMES as [string, ...string[]]))
    .optional()
    .describe('causes, such as rate-limited'),
  signal: one(z.enum(SIGNALS)).optional().describe('signals, such as throttling'),
  template: text.optional().describe('words that the reply contains'),
  provider: text.optional().describe('mailbox providers, such as gmail'),
  source: text.optional().describe('sources, by their id'),
  ip: text.optional().describe('sending IPs'),
  senderDomain: text.optional().describe('sending domains'),
})

/** One of `alerts.rules`: exactly one of `rate`, `count` and `absent`. */
export const alertRuleSchema = z
  .strictObject({
    name: z.string().min(1).max(80).optional().describe('what the alert is called; by default it says what it asks'),
    when: when.prefault({}).describe('which results it is about; nothing: all'),
    rate: rate.optional().describe('more than this share of attempts fail so, such as "> 5%"'),
    min: z.int().min(1).optional().describe('rate: only with at least so many attempts (default 50)'),
    over: duration.optional().describe('rate: measured over this time (default 15m)'),
    for: duration.optional().describe('rate, count: only when it has been so for this long'),
    count: count.optional().describe('more than so many of them, such as "> 10/h"'),
    absent: duration.optional().describe('no attempt at all for this long, such as 30m'),
    severity: z.enum(['low', 'medium', 'high', 'critical']).default('medium'),
  })
  .transform((rule, context): AlertRule => {
    const test = testOf(rule)
    if (!test) {
      context.addIssue({
        code: 'custom',
        message: 'needs exactly one of rate ("> 5%"), count ("> 10/h") and absent ("30m")',
        input: rule,
      })
      return z.NEVER
    }
    const { code, enhanced, cause, signal, template, provider, source, ip, senderDomain } = rule.when
    const listed = { code, enhanced, cause, signal, template, provider, source, ip, senderDomain }
    const asked = Object.fromEntries(Object.entries(listed).filter(([, values]) => values !== undefined))
    return { name: rule.name ?? nameOf(asked, rule), when: asked, test, severity: rule.severity }
  })

interface Written {
  rate?: number | undefined
  min?: number | undefined
  over?: number | undefined
  for?: number | undefined
  count?: { more: number; minutes: number } | undefined
  absent?: number | undefined
}

function testOf(rule: Written): RuleTest | null {
  if ([rule.rate, rule.count, rule.absent].filter((each) => each !== undefined).length !== 1) return null
  const held = rule.for ?? 1
  if (rule.rate !== undefined) {
    return { kind: 'rate', more: rule.rate, min: rule.min ?? 50, minutes: rule.over ?? 15, for: held }
  }
  if (rule.count) return { kind: 'count', ...rule.count, for: held }
  return { kind: 'absent', minutes: rule.absent! }
}

/** "421 gmail > 5 %" */
function nameOf(asked: object, rule: Written): string {
  const what = Object.values(asked).flat().join(' ') || 'mail'
  if (rule.rate !== undefined) return `${what} > ${Math.round(rule.rate * 1000) / 10} %`
  if (rule.count) return `${what} > ${rule.count.more} in ${rule.count.minutes} min`
  return `${what} absent for ${rule.absent} min`
}
