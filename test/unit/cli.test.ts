import { expect, test } from 'vitest'
import { readCommand } from '../../src/cli/arguments.ts'
import { HELP, helpFor } from '../../src/cli/help.ts'
import { tell } from '../../src/cli/tell.ts'
import { UsageError } from '../../src/cli/usage.ts'

test('without a command it starts, with the configuration that the environment names', () => {
  expect(readCommand([], {})).toEqual({ name: 'start', config: null })
  expect(readCommand([], { BOUNCEBELL_CONFIG: 'a.yaml' })).toEqual({ name: 'start', config: 'a.yaml' })
  expect(readCommand(['serve', '-c', 'b.yaml'], { BOUNCEBELL_CONFIG: 'a.yaml' })).toEqual({
    name: 'serve',
    config: 'b.yaml',
  })
})

test('explain takes a reply in one argument or in many, or none for stdin', () => {
  expect(readCommand(['explain', '550 5.1.1', 'no such user'], {})).toMatchObject({
    reply: '550 5.1.1 no such user',
    json: false,
  })
  expect(readCommand(['explain', '--json'], {})).toMatchObject({ reply: null, json: true })
})

test('--help and --version win over everything else', () => {
  expect(readCommand(['serve', '--help'], {})).toEqual({ name: 'help', of: 'serve' })
  expect(readCommand(['--help'], {})).toEqual({ name: 'help', of: null })
  expect(readCommand(['-V'], {})).toEqual({ name: 'version' })
})

test.each([
  [['srve'], 'There is no command "srve".'],
  [['serve', '--json'], '"serve" has no option --json.'],
  [['serve', '--bogus'], "Unknown option '--bogus'."],
  [['doctor', 'mailgun'], '"doctor" takes no argument "mailgun".'],
  [['demo', '--port', 'x'], '--port takes a whole number from 0 to 65535, not "x".'],
  [['replay', '--days', '0'], '--days takes a whole number from 1 to 400, not "0".'],
])('%j is told what is wrong with it', (argv, message) => {
  expect(() => readCommand(argv, {})).toThrow(message)
})

test.each([
  [['serve', '--json'], 'Usage: bouncebell serve [options]'],
  [['replay', '--days', 'x'], 'Usage: bouncebell replay [options]'],
  [['--bogus', 'doctor'], 'Usage: bouncebell doctor [options]'],
  [['explain', '--days', '3'], 'Usage: bouncebell explain [REPLY] [options]'],
  [['srve'], 'There is no command "srve". Did you mean serve?\n\nAll commands: bouncebell --help'],
])('%j is answered with what its command takes, not with everything', (argv, usage) => {
  let text = ''
  try {
    readCommand(argv, {})
  } catch (error) {
    const told = tell(error)
    expect(told.exit).toBe(2)
    text = told.text
  }
  expect(text).toContain(usage)
  expect(text.split('\n').length).toBeLessThan(15)
})

test('a misspelled command is not taken for another one', () => {
  expect(() => readCommand(['constructor'], {})).toThrow(new UsageError('There is no command "constructor".', null))
})

test('the help of a command lists its own options', () => {
  expect(helpFor('demo')).toBe(`Usage: bouncebell demo [options]
  a week of simulated mail, then an incident, at http://127.0.0.1:3000

      --port N        the port (default 3000)
      --data DIR      the database's directory (default ./data)
      --seed N        the seed of the simulation (default 1)
`)
})

test('the help names every command that is accepted', () => {
  const named = [...HELP.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
  expect(named).toEqual([
    'serve',
    'demo',
    'explain',
    'replay',
    'rules',
    'check-config',
    'migrate',
    'doctor',
    'health',
    'schema',
  ])
  for (const name of named) expect(() => readCommand([name ?? ''], {})).not.toThrow()
})
