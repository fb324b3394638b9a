import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Kinds } from '../../src/config.ts'
import { readConfig } from '../../src/config-file.ts'
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
      remedy: 'Set PIGEON_KEY, or write it into .env beside the file.',
    },
  ])
})

test.each([
  [
    'a misspelt key',
    `${good}alert:\n  falseAlarms: 2 per month\n`,
    'alert (line 5)',
    'is not a key that is known here',
    'Did you mean alerts?',
  ],
  [
    'a misspelt key of a source',
    `${good}    regoin: eu\n`,
    'sources[0].regoin (line 5)',
    'is not a key that is known here',
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
    'is missing or not a kind that is known',
    'Known are pigeon.',
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
    'an open page without a token',
    `${good}server:\n  host: 0.0.0.0\n`,
    'server.host (line 6)',
    'is 0.0.0.0, which others can reach, and the web page asks for no token',
    'Set chat.web.token, remove chat.web, or listen on 127.0.0.1.',
  ],
])('%s is told with its path and how to mend it', (_, text, path, wrong, remedy) => {
  expect(problems(text)).toContainEqual({ path, wrong, remedy })
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
