import { expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../../src/config/read.ts'
import type { Kinds } from '../../src/config/schema.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { speedsOf } from '../../src/lib/regex-speed.ts'
import { ConfigError } from '../../src/ports/errors.ts'

const kinds: Kinds = {
  esps: [
    {
      id: 'pigeon',
      config: z.strictObject({
        apiKey: z.string().min(1).describe('the key with read access'),
        region: z.enum(['us', 'eu']).default('us'),
      }),
      facts: {
        name: 'Pigeon',
        text: 'verbatim',
        deferrals: true,
        deliveries: true,
        sendingIp: true,
        rereadAfterMinutes: [],
        docs: 'https://pigeon.example/docs',
      },
      open: () => ({ kind: 'stream', run: async () => {}, ping: async () => {} }),
    },
  ],
  chats: [
    {
      id: 'web',
      config: z.strictObject({ token: z.string().optional() }),
      open: () => {
        throw new Error('not opened here')
      },
    },
  ],
  providers: readProviders,
  speedsOf,
}

const good = 'sources:\n  - id: main\n    type: pigeon\n    apiKey: $' + '{PIGEON_KEY}\n'

function problems(text: string, env: Record<string, string> = { PIGEON_KEY: 'k' }) {
  try {
    readConfig(text, 'bouncebell.yaml', kinds, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('a short configuration gets its defaults, and secrets from the environment', () => {
  const config = readConfig(good, 'bouncebell.yaml', kinds, { PIGEON_KEY: 'secret' })
  expect(config.sources).toEqual([{ id: 'main', type: 'pigeon', apiKey: 'secret', region: 'us' }])
  expect(config.server).toEqual({ host: '127.0.0.1', port: 3000 })
  expect(config.chat).toEqual({ web: {} })
  expect(config.alerts.falseAlarms).toBe('1 per 1000 slice-days')
})

test.each(['/(/', '/[z-a]/i', '/a{2,1}/', '/(?<n>a)(?<n>b)/', '/\\p{Nope}/'])(
  'a regular expression that cannot be read is refused: %s',
  (match) => {
    const text = `${good}replies:\n  rules:\n    - match: '${match}'\n      cause: policy\n`
    expect(problems(text)).toMatchObject([
      { path: 'replies.rules[0].match (line 7)', wrong: expect.stringContaining('is not a valid regular expression') },
    ])
  },
)

test('words, and a regular expression that can be read, are taken as they stand', () => {
  for (const match of ['no (thanks', 'and/or', '/no \\d+ thanks/i'])
    expect(problems(`${good}replies:\n  rules:\n    - match: '${match}'\n      cause: policy\n`)).toEqual([])
})

test('the configuration is frozen through and through', () => {
  const config = readConfig(good, 'bouncebell.yaml', kinds, { PIGEON_KEY: 'k' })
  expect(Object.isFrozen(config) && Object.isFrozen(config.sources[0]) && Object.isFrozen(config.alerts.rules)).toBe(
    true,
  )
})

test('a missing environment variable is named with the key that wants it', () => {
  expect(problems(good, {})).toEqual([
    {
      path: 'sources[0].apiKey (line 4)',
      wrong: 'the environment variable PIGEON_KEY is not set',
      remedy: 'Set PIGEON_KEY, or add it to .env next to this file.',
    },
  ])
})

test.each([
  [
    'a misspelt key',
    `${good}alert:\n  falseAlarms: 2 per month\n`,
    'alert (line 5)',
    'is not a known key',
    'Did you mean alerts?',
  ],
  [
    'a misspelt key of a source',
    `${good}    regoin: eu\n`,
    'sources[0].regoin (line 5)',
    'is not a known key',
    'Did you mean region?',
  ],
  [
    'a missing key',
    'sources:\n  - id: main\n    type: pigeon\n',
    'sources[0].apiKey (line 2)',
    'is missing',
    'Add it. It is the key with read access.',
  ],
  [
    'an unknown kind',
    'sources:\n  - id: main\n    type: raven\n',
    'sources[0].type (line 3)',
    'is not a known type',
    'Known types: pigeon.',
  ],
  ['no sources', '{}', 'sources', 'is missing', 'Add it. It is where delivery results come from.'],
  ['an empty file', '', 'sources', 'is missing', 'Add it. It is where delivery results come from.'],
  [
    'two sources of one name',
    `${good}  - id: main\n    type: pigeon\n    apiKey: k\n`,
    'sources[1].id (line 5)',
    'is taken by another source ("main")',
    'It is a name of your choice for this source, such as mailgun-eu.',
  ],
  [
    'a kind that is written otherwise',
    'sources:\n  - id: main\n    type: Pigeon\n',
    'sources[0].type (line 3)',
    'is not a known type',
    'Did you mean pigeon?',
  ],
  [
    'a missing kind',
    'sources:\n  - id: main\n',
    'sources[0].type (line 2)',
    'is missing',
    'Add it. Known types: pigeon.',
  ],
  ['an empty section', `${good}server:\n`, 'server (line 5)', 'is empty', 'See bouncebell.example.yaml.'],
  [
    'a source that is not in a list',
    'sources:\n  id: main\n',
    'sources (line 1)',
    'must be a list',
    'It is where delivery results come from.',
  ],
  [
    'text in place of a group',
    'sources:\n  - pigeon\n',
    'sources[0] (line 2)',
    'must be a group of keys, one per line',
    'See bouncebell.example.yaml.',
  ],
  [
    'a number in quotes',
    `${good}server:\n  port: "3000"\n`,
    'server.port (line 6)',
    'must be a number',
    'It is the port of the web page, /healthz, /readyz and /metrics.',
  ],
  [
    'a port that there is not',
    `${good}server:\n  port: 70000\n`,
    'server.port (line 6)',
    'must be at most 65535',
    'It is the port of the web page, /healthz, /readyz and /metrics.',
  ],
  [
    'one of a few words',
    `${good}log:\n  level: Debug\n`,
    'log.level (line 6)',
    'must be one of debug, info, warn, error',
    'Did you mean debug?',
  ],
  [
    'a code that is not a number',
    `${good}alerts:\n  rules:\n    - when: { code: 42l }\n      rate: "> 5%"\n`,
    'alerts.rules[0].when.code (line 7)',
    'must be a number',
    'It is a reply code such as 421, or a list of them.',
  ],
  [
    'a code in a list that is not a number',
    `${good}alerts:\n  rules:\n    - when: { code: [421, 42l] }\n      rate: "> 5%"\n`,
    'alerts.rules[0].when.code[1] (line 7)',
    'must be a number',
    'See bouncebell.example.yaml.',
  ],
  [
    'a chat that reaches nobody',
    `${good}chat: {}\n`,
    'chat (line 5)',
    'names no place for alerts to go to',
    'Add one of web, or remove chat to use the web page.',
  ],
  [
    'a misspelled provider of a rule',
    `${good}alerts:\n  rules:\n    - when: { provider: [yahoo, gmial] }\n      count: "> 5/h"\n`,
    'alerts.rules[0].when.provider (line 7)',
    'is not a mailbox provider that Bouncebell knows ("gmial")',
    'Did you mean gmail?',
  ],
  [
    'a source of a rule that is not configured',
    `${good}alerts:\n  rules:\n    - when: { source: mian }\n      absent: 30m\n`,
    'alerts.rules[0].when.source (line 7)',
    'is not one of the configured sources ("mian")',
    'Did you mean main?',
  ],
  [
    'a misspelled provider of a silence',
    `${good}silences:\n  - where: { provider: yaho }\n    until: 2026-12-01T00:00Z\n    reason: x\n`,
    'silences[0].where.provider (line 6)',
    'is not a mailbox provider that Bouncebell knows ("yaho")',
    'Did you mean yahoo?',
  ],
  [
    'a misspelled provider of a reply rule',
    `${good}replies:\n  rules:\n    - match: no thanks\n      provider: Hotmail\n      cause: policy\n`,
    'replies.rules[0].provider (line 8)',
    'is not a mailbox provider that Bouncebell knows ("Hotmail")',
    'Did you mean microsoft?',
  ],
  [
    'two rules of one name',
    `${good}alerts:\n  rules:\n    - { name: slow, count: "> 5/h" }\n    - { name: slow, count: "> 9/h" }\n`,
    'alerts.rules[1].name (line 8)',
    'is taken by another rule ("slow")',
    'Give each rule a name of its own.',
  ],
  [
    'two rules that get one name because they have none',
    `${good}alerts:\n  rules:\n    - { rate: "> 5%" }\n    - { rate: "> 5%", over: 1h }\n`,
    'alerts.rules[1].name (line 8)',
    'is taken by another rule ("mail > 5 %")',
    'Give each rule a name of its own.',
  ],
  [
    'an alias that stands for itself',
    `${good}silences: &all [*all]\n`,
    'the file',
    'has a YAML alias inside the value that it stands for',
    'Write out what the alias (*name) stands for.',
  ],
  [
    'aliases that multiply',
    ['a: &a [x, x, x, x, x, x, x, x, x]']
      .concat([...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`))
      .join('\n'),
    'the file',
    'uses YAML aliases in a way that cannot be resolved',
    'Write out what the aliases (*name) stand for.',
  ],
  [
    'an alias of nothing',
    `${good}silences: *none\n`,
    'the file',
    'uses YAML aliases in a way that cannot be resolved',
    'Write out what the aliases (*name) stand for.',
  ],
  [
    'twenty thousand brackets',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    'the file',
    'is nested too deeply',
    'Write it flatter.',
  ],
  [
    'an open page without a token',
    `${good}server:\n  host: 0.0.0.0\n`,
    'server.host (line 6)',
    'is 0.0.0.0, which other machines can reach, but the web page asks for no token',
    'Set chat.web.token, remove chat.web, or listen on 127.0.0.1.',
  ],
])('%s is told with its path and how to mend it', (_, text, path, wrong, remedy) => {
  expect(problems(text)).toContainEqual({ path, wrong, remedy })
})

test.each([
  ['/^(\\\\w+\\\\s?)+$/i', 'takes exponential time on some replies, so a single reply could stop Bouncebell'],
  [
    '/too.*many.*connections/',
    'takes more than linear time on some replies, so a long reply could slow Bouncebell down',
  ],
])("a rule of one's own whose expression takes too long is refused: %s", (match, wrong) => {
  const rules = `${good}replies:\n  rules:\n    - { match: ok then, cause: policy }\n    - { match: "${match}", cause: policy }\n`
  expect(problems(rules)).toEqual([
    {
      path: 'replies.rules[1].match (line 8)',
      wrong,
      remedy:
        'Write the words without slashes, or avoid parts that can repeat over the same text (.*, .+, nested + and *).',
    },
  ])
})

test('expressions that take linear time are fine', () => {
  const matches = ['/blocked by (spamhaus|sorbs)/', '/^4[0-9]{2} try/i', '/\\\\bdsn[0-9]{1,4}\\\\b/']
  const rules = matches.map((match) => `    - { match: "${match}", cause: policy }\n`).join('')
  expect(problems(`${good}replies:\n  rules:\n${rules}`)).toEqual([])
})

test('no message has the words of a library in it', () => {
  const values = ['x', 7, true, [], {}, null, [[]], [{}]]
  const keys = ['server', 'database', 'sources', 'chat', 'alerts', 'replies', 'silences', 'timing', 'log']
  const inner = {
    server: ['host', 'port'],
    alerts: ['falseAlarms', 'newReplies', 'rules'],
    timing: ['tickSeconds'],
    log: ['level'],
  }
  const texts = values.flatMap((value) => [
    JSON.stringify(value),
    ...keys.map((key) => JSON.stringify({ [key]: value })),
    ...Object.entries(inner).flatMap(([key, names]) =>
      names.map((name) => JSON.stringify({ [key]: { [name]: value } })),
    ),
    ...['name', 'when', 'rate', 'min', 'count', 'severity'].map((key) =>
      JSON.stringify({ alerts: { rules: [{ [key]: value }] } }),
    ),
    ...['code', 'cause', 'provider'].map((key) => JSON.stringify({ alerts: { rules: [{ when: { [key]: value } }] } })),
    ...['where', 'until', 'reason'].map((key) => JSON.stringify({ silences: [{ [key]: value }] })),
    ...['id', 'type', 'apiKey'].map((key) =>
      JSON.stringify({ sources: [{ id: 'a', type: 'pigeon', apiKey: 'k', [key]: value }] }),
    ),
  ])
  const said = texts.flatMap((text) => problems(text)).map(({ path, wrong, remedy }) => `${path}: ${wrong}. ${remedy}`)
  expect(said.length).toBeGreaterThan(300)
  const foreign = said.filter((line) =>
    /invalid|expected|received|undefined|null|NaN|too (small|big)|unrecognized|known (?:keys|types): \.|[,;] \.|\[object|one of \./i.test(
      line.replace('domain-invalid', ''),
    ),
  )
  expect(foreign).toEqual([])
})

test('half a file is told with the line where it breaks off', () => {
  expect(problems('sources:\n  - id: "main\n    type: pigeon\n')[0]?.path).toMatch(/^line \d$/)
})

test('a secret never gets into the error', () => {
  const text = 'sources:\n  - id: main\n    type: pigeon\n    apiKey: [s3cret]\n    other: s3cret\n'
  expect(JSON.stringify(problems(text))).not.toContain('s3cret')
})

test('an open page with a token is fine', () => {
  expect(problems(`${good}server:\n  host: 0.0.0.0\nchat:\n  web:\n    token: long-and-random\n`)).toEqual([])
})
