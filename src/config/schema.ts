import { type ZodObject, type ZodType, z } from 'zod'
import { alertRulesSchema } from '../alert-rules/rule-schema.ts'
import { parseBudget } from '../detect/alarm/budget.ts'
import { silenceSchema } from '../incident/silence.ts'
import type { Speed } from '../lib/regex-speed.ts'
import type { ChatDefinition } from '../ports/chat.ts'
import type { EspDefinition } from '../ports/esp.ts'
import { CAUSE_NAMES, type Cause } from '../smtp/causes.ts'
import { expressionOf } from '../smtp/classify/ruleset.ts'
import type { KnownNames } from '../smtp/known-names.ts'

/** What a configuration may name; main.ts hands in the registries. */
export interface Kinds {
  esps: readonly EspDefinition<unknown>[]
  chats: readonly ChatDefinition<unknown>[]
  /** The mailbox providers. Read from disk, so asked for only where one is named. */
  providers(): KnownNames['providers']
  /** Proves how fast regular expressions are. Takes a second, so asked only where one is written. */
  speedsOf(expressions: readonly { source: string; flags: string }[]): Speed[]
}

export interface SourceConfig {
  /** The name it has on cards and in the store. */
  id: string
  /** The EspDefinition's id. */
  type: string
}

export type Config = z.output<ReturnType<typeof configSchema>>

const userRuleSchema = z.strictObject({
  match: z
    .string()
    .min(1)
    .refine(isExpressionSound, 'is not a valid regular expression')
    .describe('consecutive words of the reply, or a /regular expression/'),
  provider: z.string().min(1).exactOptional().describe('only replies from this mailbox provider, such as gmail'),
  cause: z.enum(CAUSE_NAMES as [Cause, ...Cause[]]),
})

function isExpressionSound(match: string): boolean {
  try {
    expressionOf(match)
    return true
  } catch {
    return false
  }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

export const isLoopback = (host: string) => LOOPBACK.includes(host)

/** All of bouncebell.yaml. Strict: a key that nothing reads is a mistake. */
export function configSchema(kinds: Kinds) {
  return z.strictObject({
    server: z
      .strictObject({
        host: z
          .string()
          .default('127.0.0.1')
          .describe('the address to listen on; 127.0.0.1 is reachable from this machine only'),
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(3000)
          .describe('the port of the web page, /healthz, /readyz and /metrics'),
        token: z
          .string()
          .trim()
          .min(16, 'must have at least 16 characters')
          .optional()
          .describe(
            'the token that other machines send to /readyz and /metrics as "Authorization: Bearer ..."; defaults to chat.web.token',
          ),
      })
      .prefault({}),
    database: z
      .strictObject({
        url: z
          .url({ protocol: /^postgres(ql)?$/ })
          .optional()
          .describe('a PostgreSQL URL; without it Bouncebell uses an embedded database'),
        directory: z.string().default('./data').describe('where the embedded database keeps its files'),
      })
      .prefault({}),
    sources: z
      .array(sourceSchema(kinds.esps))
      .min(1)
      .describe('where delivery results come from')
      .superRefine(distinctIds),
    chat: z
      .strictObject(Object.fromEntries(kinds.chats.map(({ id, config }) => [id, config.optional()])))
      .refine((chats) => Object.values(chats).some((settings) => settings !== undefined), {
        message: 'names no place for alerts to go to',
        params: {
          remedy: `Add one of ${kinds.chats.map(({ id }) => id).join(', ')}, or remove chat to use the web page.`,
        },
      })
      .describe('where alerts go and commands come from')
      // Not a default: its keys have defaults of their own.
      .prefault({ web: {} }),
    alerts: alertsSchema().prefault({}),
    replies: z
      .strictObject({
        rules: z.array(userRuleSchema).default([]).describe('your own reply rules, applied before the built-in ones'),
      })
      .prefault({}),
    silences: z.array(silenceSchema).default([]).describe('parts of your mail to send no alerts about for a while'),
    timing: z
      .strictObject({
        tickSeconds: z
          .int()
          .min(1)
          .max(3600)
          .default(60)
          .describe('how often sources are polled and counters watched, in seconds'),
        backfillDays: z
          .number()
          .min(0)
          .max(13)
          .default(7)
          .describe('how many days of history to read at the first start; minute counters are kept for 14 days'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        format: z
          .enum(['lines', 'json'])
          .optional()
          .describe('lines for people, json for log collectors; by default lines in a terminal, json elsewhere'),
      })
      .prefault({}),
  })
}

function alertsSchema() {
  return z.strictObject({
    falseAlarms: z
      .string()
      .refine((text) => parseBudget(text) !== null, 'is not a budget such as "2 per month" or "1 per 1000 slice-days"')
      .default('1 per 1000 slice-days')
      .describe('how many false alarms you accept: "2 per month", "1 per week", or "1 per 1000 slice-days"'),
    newReplies: z
      .strictObject({
        min: z
          .int()
          .min(1)
          .default(50)
          .describe('how often a new reply must be seen within three hours before you are alerted to it'),
      })
      .prefault({}),
    rules: alertRulesSchema.default([]).describe('your own threshold rules, in addition to the adaptive detection'),
  })
}

function sourceSchema(esps: Kinds['esps']): ZodType<SourceConfig> {
  const id = z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lowercase letters, digits and dashes, at most 40')
    .describe('a name of your choice for this source, such as mailgun-eu')
  const [first, ...rest] = esps.map((esp) => (esp.config as ZodObject).safeExtend({ id, type: z.literal(esp.id) }))
  if (!first) throw new Error('no source types are registered')
  return z.discriminatedUnion('type', [first, ...rest]) as unknown as ZodType<SourceConfig>
}

function distinctIds(sources: SourceConfig[], context: z.RefinementCtx<SourceConfig[]>) {
  sources.forEach(({ id }, index) => {
    if (sources.findIndex((other) => other.id === id) < index)
      context.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `is taken by another source ("${id}")`,
        input: id,
      })
  })
}

/** The same as a JSON Schema, for editors. */
export function jsonSchema(kinds: Kinds): object {
  return z.toJSONSchema(configSchema(kinds), { io: 'input', unrepresentable: 'any' })
}
