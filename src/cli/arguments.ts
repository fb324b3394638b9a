import { closest } from '../smtp/known-names.ts'
import { type Option, parseOptions } from './options.ts'
import { start } from './start.ts'
import type { AnySubcommand, Given } from './subcommand.ts'
import { COMMANDS, type CommandName, isCommand } from './table.ts'
import { UsageError } from './usage.ts'

type Asked<Name extends CommandName> = { name: Name } & ReturnType<(typeof COMMANDS)[Name]['read']>

/** What a command line asks for. */
export type Command =
  | { [Name in CommandName]: Asked<Name> }[CommandName]
  | ({ name: 'start' } & ReturnType<typeof start.read>)
  | { name: 'help'; of: CommandName | null }
  | { name: 'version' }

/** argv (without node and the script) -> Command. Throws UsageError. */
export function readCommand(argv: string[], env: Record<string, string | undefined>): Command {
  const { values, positionals } = parse(argv, argv.find(isCommand) ?? null)
  const [given = 'start', ...words] = positionals
  const name = isCommand(given) ? given : null
  if (values.help) return { name: 'help', of: name }
  if (values.version) return { name: 'version' }
  if (!name && positionals.length) {
    const meant = closest(given, Object.keys(COMMANDS))
    throw new UsageError(`There is no command "${given}".${meant ? ` Did you mean ${meant}?` : ''}`, null)
  }
  const { options, acceptsWord, read }: AnySubcommand = name ? COMMANDS[name] : start
  const strange = Object.keys(values).find((option) => !options.includes(option as Option))
  if (strange) throw new UsageError(`"${given}" has no option --${strange}.`, name)
  const [first] = words
  if (first !== undefined && !acceptsWord?.(first))
    throw new UsageError(`"${given}" takes no argument "${first}".`, name)
  const asked: Given = { values, words, config: values.config ?? env.BOUNCEBELL_CONFIG ?? null }
  // Each name goes with what its own `read` makes.
  return { name: name ?? 'start', ...read(asked) } as Command
}

function parse(argv: string[], command: CommandName | null) {
  try {
    return parseOptions(argv)
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`, command)
  }
}
