import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CHATS } from '../../adapters/chat/index.ts'
import { espDefinitions } from '../../adapters/esp/index.ts'
import { readConfig } from '../../src/config/read.ts'
import { jsonSchema, type Kinds } from '../../src/config/schema.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { speedsOf } from '../../src/lib/regex-speed.ts'
import type { ChatDefinition } from '../../src/ports/chat.ts'

const kinds: Kinds = {
  esps: espDefinitions,
  chats: CHATS as readonly ChatDefinition<unknown>[],
  providers: readProviders,
  speedsOf,
}
const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

const env = {
  MAILGUN_API_KEY: 'key',
  SES_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/bounces',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
}

test('the JSON Schema is that of the code; `npm run --silent schema > bouncebell.schema.json` writes it anew', () => {
  expect(JSON.parse(read('bouncebell.schema.json'))).toEqual(jsonSchema(kinds))
})

test('the example is a right configuration', () => {
  const config = readConfig(read('bouncebell.example.yaml'), 'bouncebell.example.yaml', kinds, env)
  expect(config.sources.map(({ type }) => type)).toEqual(['mailgun', 'ses', 'postfix'])
  expect(Object.keys(config.chat)).toEqual(expect.arrayContaining(['web', 'slack']))
})

test('a section that is left out has the defaults of one that is empty', () => {
  const source = { id: 'main', type: 'postfix' }
  const sections = Object.keys((jsonSchema(kinds) as { properties: object }).properties).filter(
    (key) => key !== 'sources',
  )
  const read = (given: object) => readConfig(JSON.stringify({ sources: [source], ...given }), 'x', kinds, {})
  const lists = ['silences']
  const chats = { web: {} }
  const empty = Object.fromEntries(sections.map((key) => [key, lists.includes(key) ? [] : key === 'chat' ? chats : {}]))
  expect(read({})).toEqual(read(empty))
  expect(read({}).chat.web).toMatchObject({ channel: 'alerts', user: 'Somebody', hosts: [] })
})

test('the example shows every key that there is', () => {
  const text = read('bouncebell.example.yaml')
  const keysOf = (node: unknown): string[] => {
    if (node === null || typeof node !== 'object') return []
    const { properties = {}, ...rest } = node as { properties?: Record<string, unknown> }
    return [
      ...Object.keys(properties),
      ...Object.values(properties).flatMap(keysOf),
      ...Object.values(rest).flatMap(keysOf),
    ]
  }
  const hidden = new Set(['baseUrl', 'apiUrl'])
  const missing = [...new Set(keysOf(jsonSchema(kinds)))].filter((key) => !hidden.has(key) && !text.includes(key))
  expect(missing).toEqual([])
})

test('.env.example names every variable that the example wants', () => {
  const wanted = [...read('bouncebell.example.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name)
  const named = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
  expect(named).toEqual(expect.arrayContaining(wanted.filter((name) => name !== 'NAME')))
})
