import { z } from 'zod'
import { ACTIONS, type Card } from './card.ts'

const time = z.iso.datetime().transform((text) => new Date(text))
const action = z.object({
  id: z.enum(ACTIONS),
  label: z.string(),
  value: z.string(),
  style: z.enum(['primary', 'danger']).exactOptional(),
})

/** A card as it comes back from JSON. Of its buttons, those that no longer exist are left out. */
export const storedCardSchema: z.ZodType<Card> = z.object({
  title: z.string(),
  tone: z.enum(['good', 'info', 'warning', 'critical', 'muted']),
  badge: z.string().exactOptional(),
  text: z.array(z.string()).exactOptional(),
  fields: z.array(z.object({ label: z.string(), value: z.string() })).exactOptional(),
  quotes: z.array(z.string()).exactOptional(),
  table: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.string())) }).exactOptional(),
  chart: z
    .object({
      label: z.string(),
      unit: z.enum(['percent', 'count']),
      points: z.array(z.object({ at: time, value: z.number() })),
      baseline: z.number().exactOptional(),
    })
    .exactOptional(),
  actions: z
    .array(z.unknown())
    .transform((all) => all.flatMap((each) => action.safeParse(each).data ?? []))
    .exactOptional(),
  links: z.array(z.object({ label: z.string(), url: z.string() })).exactOptional(),
  footer: z.string().exactOptional(),
})
