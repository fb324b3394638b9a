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
  code: one(z.int().min(200).max(599)).optional().describe('a reply code such as 421, or a list of them'),
  enhanced: text.optional().describe('an enhanced status code such as 4.7.28, or a list of them'),
  cause: one(z.enum(CAUSE_NAMES as [string, ...string[]]))
    .optional()
    .describe('a cause such as rate-limited, or a list of them'),
  signal: one(z.enum(SIGNALS)).optional().describe('a signal such as throttling, or a list of them'),
  template: text.optional().describe('text that the reply contains, or a list of such texts'),
  provider: text.optional().describe('a mailbox provider such as gmail, or a list of them'),
  source: text.optional().describe('the id of a source, or a list of ids'),
  ip: text.optional().describe('a sending IP, or a list of them'),
  senderDomain: text.optional().describe('a sending domain, or a list of them'),
})

/** One of `alerts.rules`: exactly one of `rate`, `count` and `absent`. */
export const alertRuleSchema = z
  .strictObject({
    name: z.string().min(1).max(80).optional().describe('the name of the alert; by default made from its conditions'),
    when: when.prefault({}).describe('which results it applies to; all of them if left out'),
    rate: rate.optional().describe('the share of attempts that fail, such as "> 5%"'),
    min: z.int().min(1).optional().describe('how many attempts a rate needs (default 50)'),
    over: duration.optional().describe('the time that the rate is measured over (default 15m)'),
    for: duration.optional().describe('how long the rate or count must stay exceeded'),
    count: count.optional().describe('a number per time, such as "> 10/h"'),
    absent: duration.optional().describe('a time without any attempt, such as 30m'),
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

/** All of them. */
export const alertRulesSchema = z.array(alertRuleSchema).superRefine(distinctNames)

/** Rules are told apart by their names: of two that share one, the second would hide in the incident of the first. */
function distinctNames(rules: AlertRule[], context: z.RefinementCtx<AlertRule[]>) {
  rules.forEach(({ name }, index) => {
    if (rules.findIndex((other) => other.name === name) < index)
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: `is taken by another rule ("${name}")`,
        params: { remedy: 'Give each rule a name of its own.' },
        input: name,
      })
  })
}
