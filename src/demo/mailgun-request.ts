import { z } from 'zod'

// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/logs/post-v1-analytics-logs
const EVENTS = [
  'accepted',
  'delivered',
  'failed',
  'rejected',
  'opened',
  'clicked',
  'unsubscribed',
  'complained',
  'stored',
]
const RFC_2822 = /^(?:\w{3}, )?\d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/

const date = z
  .string()
  .regex(RFC_2822, 'must be in RFC 2822 format')
  .transform((text) => new Date(text))
/** Stricter than the vendor, who lets unknown fields pass: what we send must be what is documented. */
export const logsRequest = z.strictObject({
  start: date.optional(),
  end: date.optional(),
  events: z.array(z.enum(EVENTS)).optional(),
  filter: z
    .strictObject({
      AND: z.array(
        z.strictObject({
          attribute: z.literal('domain'),
          comparator: z.literal('='),
          values: z.array(z.strictObject({ label: z.string(), value: z.string() })).min(1),
        }),
      ),
    })
    .optional(),
  include_subaccounts: z.boolean().default(false),
  include_totals: z.boolean().default(false),
  pagination: z
    .strictObject({
      sort: z.enum(['timestamp:asc', 'timestamp:desc']).default('timestamp:desc'),
      token: z.string().optional(),
      limit: z.int().min(1).max(100).default(100),
    })
    .prefault({}),
})
export type LogsRequest = z.output<typeof logsRequest>
