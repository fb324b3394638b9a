import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { CodeFile } from '../lookup/catalogue.ts'
import { CAUSE_NAMES, type Cause } from '../smtp/causes.ts'

const FOLDER = new URL('../lookup/codes/', import.meta.url)

const Link = z.strictObject({ label: z.string().min(1), url: z.url({ protocol: /^https$/ }) })
const sentences = z.array(z.string().min(1)).min(1).optional()

const Entry = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  means: z.string().min(1),
  causes: z.array(z.enum(CAUSE_NAMES as [Cause, ...Cause[]])).default([]),
  now: sentences,
  avoid: sentences,
  unsaid: z.string().min(1).optional(),
  links: z.array(Link).optional(),
  rfc: z.coerce
    .string()
    .regex(/^\d{3,5}(?: [\d.]+)?$/)
    .optional(),
  seen: z.boolean().optional(),
  provider: z.string().optional(),
  keys: z.array(z.string().toLowerCase()).optional(),
})

const File = z.strictObject({
  kind: z.enum(['code', 'enhanced', 'family', 'list', 'term', 'cause']),
  provider: z.string().optional(),
  link: Link.optional(),
  entries: z.array(Entry),
})

/** The catalogue's files, in the order of their names. Reads from disk: call it once. */
export function readCodeFiles(): CodeFile[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map(read)
}

function read(name: string): CodeFile {
  const parsed = File.safeParse(parse(readFileSync(new URL(name, FOLDER), 'utf8')))
  if (parsed.success) return parsed.data
  throw new Error(`src/lookup/codes/${name} is not as it should be:\n${z.prettifyError(parsed.error)}`)
}
