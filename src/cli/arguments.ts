import { parseArgs } from 'node:util'
import { closest } from '../smtp/known-names.ts'
import { COMMANDS, type CommandName, OPTIONS, type Option } from './table.ts'

/** What a command line asks for. */
export type Command =
  | { name: 'start' | 'serve' | 'check-config' | 'migrate' | 'rules' | 'health'; config: string | null }
  | { name: 'doctor'; config: string | null; testAlert: boolean }
  | { name: 'demo'; port: number; directory: string; seed: number }
  | { name: 'explain'; reply: string | null; json: boolean; config: string | null }
  | {
      name: 'replay'
      config: string | null
      days: number
      counts: string | null
      rule: string | null
      falseAlarms: string | null
      summary: boolean
    }
  | { name: 'help'; of: CommandName | null }
  | { name: 'schema' | 'version' }

/** The command line is wrong: exit code 2, with this sentence and what the command takes. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly command: CommandName | null
  constructor(message: string, command: CommandName | null) {
    super(message)
    this.command = command
  }
}

/** Without a command it serves, or runs the demo: what either takes. */
const START: readonly Option[] = ['config', 'port', 'data', 'seed']

/** argv (without node and the script) -> Command. Throws UsageError. */
export function readCommand(argv: string[], env: Record<string, string | undefined>): Command {
  const name = argv.find(isCommand) ?? null
  const { values, positionals } = parse(argv, name)
  const [given = 'start', ...rest] = positionals
  const command = isCommand(given) ? given : null
  if (values.help) return { name: 'help', of: command }
  if (values.version) return { name: 'version' }
  if (!command && positionals.length) {
    const meant = closest(given, Object.keys(COMMANDS))
    throw new UsageError(`There is no command "${given}".${meant ? ` Did you mean ${meant}?` : ''}`, null)
  }
  const accepted: readonly Option[] = command ? COMMANDS[command].options : START
  const strange = Object.keys(values).find((option) => !accepted.includes(option as Option))
  if (strange) throw new UsageError(`"${given}" takes no --${strange}.`, command)
  if (rest.length && command !== 'explain' && !(command === 'rules' && rest[0] === 'test'))
    throw new UsageError(`"${given}" does not know what to do with "${rest[0]}".`, command)
  return commandOf(command ?? 'start', values, rest, env)
}

const isCommand = (word: string): word is CommandName => Object.hasOwn(COMMANDS, word)

function commandOf(
  name: CommandName | 'start',
  values: ReturnType<typeof parse>['values'],
  rest: string[],
  env: Record<string, string | undefined>,
): Command {
  const config = values.config ?? env.BOUNCEBELL_CONFIG ?? null
  const number = (option: Option, text: string, least: number, most: number): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    const problem = `--${option} takes a whole number from ${least} to ${most}, not "${text}".`
    throw new UsageError(problem, name === 'start' ? null : name)
  }
  switch (name) {
    case 'demo':
      return {
        name,
        port: number('port', values.port ?? '3000', 0, 65_535),
        directory: values.data ?? './data',
        seed: number('seed', values.seed ?? '1', 0, 2 ** 31),
      }
    case 'explain':
      return { name, reply: rest.length ? rest.join(' ') : null, json: values.json ?? false, config }
    case 'replay':
      return {
        name,
        config,
        days: number('days', values.days ?? '30', 1, 400),
        counts: values.counts ?? null,
        rule: values.rule ?? null,
        falseAlarms: values['false-alarms'] ?? null,
        summary: values.summary ?? false,
      }
    case 'doctor':
      return { name, config, testAlert: values['test-alert'] ?? false }
    case 'schema':
      return { name }
    default:
      return { name, config }
  }
}

function parse(argv: string[], command: CommandName | null) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`, command)
  }
}
