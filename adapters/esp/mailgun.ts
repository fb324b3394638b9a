import { z } from 'zod'
import { BadPayload } from '../../src/ports/errors.ts'
import type { EspContext, EspDefinition, Window, WindowSource } from '../../src/ports/esp.ts'
import { type Item, item, observe, optional } from './mailgun/item.ts'

// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/logs/post-v1-analytics-logs
const HOSTS = { us: 'https://api.mailgun.net', eu: 'https://api.eu.mailgun.net' }
const PAGE = 100
/** Pages in a row on which there is nothing new. Late entries push others on by a page or two; more has no end. */
const MOST_PAGES_WITHOUT_NEWS = 20

// `accepted` is the entry into Mailgun's own queue. What a rate is taken over are attempts, and every attempt ends
// in `delivered` or `failed`.
const EVENTS = ['delivered', 'failed', 'rejected', 'complained']

const config = z.strictObject({
  apiKey: z.string().min(1).describe('A key that may read logs; an analyst key is enough'),
  region: z.enum(['us', 'eu']).default('us').describe('Where the account is'),
  baseUrl: z.url().optional().describe('Instead of the region: another address that speaks the same API'),
  domains: z.array(z.string().min(1)).min(1).optional().describe('Only these sending domains; all when left out'),
  includeSubaccounts: z.boolean().default(false),
})
type Config = z.infer<typeof config>

// One item that cannot be read fails the page and so the window: it stays unread and is tried again, so nothing is lost.
const page = z.object({ items: z.array(item), pagination: z.object({ next: optional(z.string()) }) })

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
  open,
}

function open(settings: Config, { http, clock }: EspContext): WindowSource {
  const base = (settings.baseUrl ?? HOSTS[settings.region]).replace(/\/+$/, '')
  const authorization = `Basic ${Buffer.from(`api:${settings.apiKey}`).toString('base64')}`

  const ask = ({ from, to }: Window, limit: number, token: string | undefined, signal: AbortSignal) =>
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
        pagination: { sort: 'timestamp:asc', limit, ...(token && { token }) },
      },
      schema: page,
      signal,
    })

  return {
    kind: 'window',
    async *pull(window, signal) {
      // Late events push others on to the next page while we read, so an item may come twice.
      const seen = new Set<string>()
      const asked = new Set<string>()
      let token: string | undefined
      let withoutNews = 0
      do {
        const { items, pagination } = await ask(window, PAGE, token, signal)
        // The vendor does not say whether `end` is inside; with the half-open window each event is in exactly one.
        const fresh = items.filter((one) => isIn(window, one) && !seen.has(one.id))
        for (const { id } of fresh) seen.add(id)
        yield fresh.flatMap(observe)
        withoutNews = fresh.length > 0 ? 0 : withoutNews + 1
        if (withoutNews > MOST_PAGES_WITHOUT_NEWS) throw new BadPayload('Mailgun goes on paging without anything new')
        if (token) asked.add(token)
        token = items.length > 0 ? pagination.next : undefined
      } while (token && !asked.has(token))
    },
    async ping(signal) {
      const to = clock.now()
      await ask({ from: new Date(to.getTime() - 60_000), to }, 1, undefined, signal)
    },
  }
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
