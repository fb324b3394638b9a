import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type ZodType, z } from 'zod'

export interface LogsModels {
  request: ZodType
  answer: ZodType
}

const text = z.string().optional()
const whole = z.int().optional()

/** The documented fields of the Logs API, as read on 2026-11-24; nothing else is allowed in what we send. */
const documented: LogsModels = {
  request: z.strictObject({
    start: text,
    end: text,
    events: z.array(z.string()).optional(),
    metric_events: z.array(z.string()).optional(),
    filter: z
      .strictObject({
        AND: z.array(
          z.strictObject({
            attribute: z.string(),
            comparator: z.string(),
            values: z.array(z.strictObject({ label: z.string(), value: z.string() })),
          }),
        ),
      })
      .optional(),
    include_subaccounts: z.boolean().optional(),
    include_totals: z.boolean().optional(),
    pagination: z.strictObject({ sort: text, token: text, limit: z.int().min(1).max(100).optional() }).optional(),
  }),
  answer: z.object({
    start: z.string(),
    end: z.string(),
    items: z.array(
      z.object({
        id: z.string(),
        event: z.string(),
        '@timestamp': z.string(),
        domain: z.object({ name: z.string() }),
        account: z.object({ id: text, 'parent-id': text }).optional(),
        severity: text,
        reason: text,
        recipient: text,
        'recipient-domain': text,
        'recipient-provider': text,
        envelope: z.object({ sender: text, transport: text, 'sending-ip': text, targets: text }).optional(),
        campaigns: z.array(z.object({ id: text, name: text })).optional(),
        tags: z.array(z.string()).optional(),
        'delivery-status': z
          .object({ code: whole, 'enhanced-code': text, message: text, description: text, 'mx-host': text })
          .optional(),
      }),
    ),
    pagination: z.object({ next: text, previous: text, first: text, last: text, total: whole }),
  }),
}

const SPECIFICATION = join(import.meta.dirname, '../../../shared/esp/specs/mailgun.yaml')
const MODEL = 'github.com-mailgun-logs-api-pkg-api-model-'

/** What requests and answers must look like: as documented and, where its file is at hand, by the vendor's OpenAPI. */
export function logsModels(): [source: string, models: LogsModels][] {
  if (!existsSync(SPECIFICATION)) return [['as documented', documented]]
  return [
    ['as documented', documented],
    ["by the vendor's OpenAPI", fromOpenApi(readFileSync(SPECIFICATION, 'utf8'))],
  ]
}

type Schemas = Record<string, object>

function fromOpenApi(yaml: string): LogsModels {
  const all = parse(yaml).components.schemas
  const schemas: Schemas = JSON.parse(JSON.stringify(all).replaceAll('#/components/schemas/', '#/$defs/'))
  const model = (name: string, change: (schema: object) => object) => {
    const $defs: Schemas = {}
    const take = (ref: string) => {
      const schema = schemas[ref]
      if (!schema || $defs[ref]) return
      $defs[ref] = change(schema)
      for (const [, next = ''] of JSON.stringify(schema).matchAll(/#\/\$defs\/([^"]+)"/g)) take(next)
    }
    take(name)
    return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs } as Parameters<typeof z.fromJSONSchema>[0])
  }
  return {
    // The description does not forbid fields that it does not name; we send none.
    request: model(`${MODEL}LogsRequest`, (schema) => ({ ...schema, additionalProperties: false })),
    answer: model(`${MODEL}LogsResponse`, (schema) => schema),
  }
}
