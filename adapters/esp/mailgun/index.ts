import { z } from 'zod'
import { interleave } from '../../../src/lib/interleave.ts'
import { BadPayload } from '../../../src/ports/errors.ts'
import type { EspContext, EspDefinition, Observation, Window, WindowSource } from '../../../src/ports/esp.ts'
import { type Item, item, observe, optional } from './item.ts'

// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/logs/post-v1-analytics-logs
const HOSTS = { us: 'https://api.mailgun.net', eu: 'https://api.eu.mailgun.net' }
const PAGE = 100
/** A window of more pages than this is read in parts, several at a time. */
const FEW_PAGES = 4
const PAGES_PER_PART = 8
const PARTS_AT_ONCE = 16
const SECOND_MS = 1000
/** Pages in a row on which there is nothing new. Late entries push others on by a page or two; more has no end. */
const MOST_PAGES_WITHOUT_NEWS = 20

// `accepted` is the entry into Mailgun's own queue. What a rate is taken over are attempts, and every attempt ends
// in `delivered` or `failed`.
const EVENTS = ['delivered', 'failed', 'rejected', 'complained']

const config = z.strictObject({
  apiKey: z.string().min(1).describe('a key that can read logs; the analyst role is enough'),
  region: z.enum(['us', 'eu']).default('us').describe('where the account is hosted'),
  baseUrl: z.url().optional().describe('another address with the same API, instead of the region'),
  domains: z.array(z.string().min(1)).min(1).optional().describe('only these sending domains; all of them if left out'),
  includeSubaccounts: z.boolean().default(false),
})
type Config = z.infer<typeof config>
type Page = z.infer<typeof page>
type Pagination = { limit: number; token?: string }

// One item that cannot be read fails the page and so the window: it stays unread and is tried again, so nothing is lost.
const page = z.object({
  items: z.array(item),
  pagination: z.object({ next: optional(z.string()), total: optional(z.int()) }),
})
const total = z.object({ pagination: z.object({ total: optional(z.int()) }) })

export const mailgun: EspDefinition<Config> = {
  id: 'mailgun',
  config,
  facts: {
    name: 'Mailgun',
    text: 'verbatim',
    deferrals: true,
    deliveries: true,
    sendingIp: true,
    // https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-polling: trust a page once it is half an hour old.
    rereadAfterMinutes: [5, 15, 35],
    docs: 'https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/logs',
  },
  // Mailgun publishes no numbers: it answers 429 and says for how long.
  limits: { concurrency: 8, perSecond: 20 },
  open,
}

function open(settings: Config, { http, clock }: EspContext): WindowSource {
  const base = (settings.baseUrl ?? HOSTS[settings.region]).replace(/\/+$/, '')
  const authorization = `Basic ${Buffer.from(`api:${settings.apiKey}`).toString('base64')}`

  const ask = <T>({ from, to }: Window, schema: z.ZodType<T>, pagination: Pagination, signal: AbortSignal) =>
    http({
      method: 'POST',
      url: `${base}/v1/analytics/logs`,
      headers: { authorization },
      json: {
        start: rfc2822(from),
        end: rfc2822(to),
        events: EVENTS,
        ...(settings.domains && { filter: { AND: [domainsFilter(settings.domains)] } }),
        include_subaccounts: settings.includeSubaccounts,
        // Counting costs Mailgun something, so it is asked once a period.
        include_totals: pagination.token === undefined,
        pagination: { sort: 'timestamp:asc', ...pagination },
      },
      schema,
      signal,
    })

  const askPage = (window: Window, token: string | undefined, signal: AbortSignal) =>
    ask(window, page, { limit: PAGE, ...(token && { token }) }, signal)

  async function* readPages(window: Window, first: Page | null, signal: AbortSignal): AsyncGenerator<Observation[]> {
    // Late events push others on to the next page while we read, so an item may come twice.
    const seen = new Set<string>()
    const asked = new Set<string>()
    let token: string | undefined
    let withoutNews = 0
    let next = first
    let total = Number.POSITIVE_INFINITY
    do {
      const { items, pagination } = next ?? (await askPage(window, token, signal))
      next = null
      total = pagination.total ?? total
      // The vendor does not say whether `end` is inside; with the half-open window each event is in exactly one.
      const fresh = items.filter((one) => isIn(window, one) && !seen.has(one.id))
      for (const { id } of fresh) seen.add(id)
      yield fresh.flatMap(observe)
      withoutNews = fresh.length > 0 ? 0 : withoutNews + 1
      if (withoutNews > MOST_PAGES_WITHOUT_NEWS) throw new BadPayload('Mailgun keeps paging without anything new')
      if (token) asked.add(token)
      // There is always a next page, until one is empty. It need not be asked for after a short one that ends what was counted.
      const isLast = items.length === 0 || (items.length < PAGE && seen.size >= total)
      token = isLast ? undefined : pagination.next
    } while (token && !asked.has(token))
  }

  return {
    kind: 'window',
    async *pull(window, signal) {
      const first = await askPage(window, undefined, signal)
      const pages = Math.ceil((first.pagination.total ?? 0) / PAGE)
      if (pages <= FEW_PAGES) return yield* readPages(window, first, signal)
      const parts = divide(window, Math.ceil(pages / PAGES_PER_PART) + 1)
      yield* interleave(
        parts.map((part) => () => readPages(part, null, signal)),
        PARTS_AT_ONCE,
      )
    },
    count: async (window, signal) => (await ask(window, total, { limit: 1 }, signal)).pagination.total ?? null,
    async ping(signal) {
      const to = clock.now()
      await ask({ from: new Date(to.getTime() - 60_000), to }, total, { limit: 1 }, signal)
    },
  }
}

/** Parts of about the same length, on whole seconds: RFC 2822 has no finer time. */
function divide({ from, to }: Window, wanted: number): Window[] {
  const seconds = (to.getTime() - from.getTime()) / SECOND_MS
  const parts = Math.min(wanted, seconds)
  const edge = (i: number) => new Date(from.getTime() + Math.round((i * seconds) / parts) * SECOND_MS)
  return Array.from({ length: parts }, (_, i) => ({ from: edge(i), to: edge(i + 1) }))
}

function isIn({ from, to }: Window, one: Item): boolean {
  const at = Date.parse(one['@timestamp'])
  return at >= from.getTime() && at < to.getTime()
}

/** RFC 2822 3.3, in UTC: `Mon, 08 Jul 2024 00:00:00 +0000`. */
function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}

function domainsFilter(domains: readonly string[]) {
  return { attribute: 'domain', comparator: '=', values: domains.map((name) => ({ label: name, value: name })) }
}
