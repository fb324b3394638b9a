import { OPTIONS, type Option } from './options.ts'
import { start } from './start.ts'
import type { AnySubcommand } from './subcommand.ts'
import { COMMANDS, isCommand } from './table.ts'

const LEFT_WIDTH = 22
const row = (left: string, says: string) =>
  left.length < LEFT_WIDTH - 2
    ? `  ${left.padEnd(LEFT_WIDTH - 2)}${says}`
    : `  ${left}\n${' '.repeat(LEFT_WIDTH)}${says}`

function optionRow(name: Option, of = ''): string {
  const { short, value, says } = OPTIONS[name] as { short?: string; value?: string; says: string }
  return row(`${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`, `${of}${says}`)
}

const described = Object.entries(COMMANDS) as [string, AnySubcommand][]

/** An option that belongs to one command only is listed with its name. */
function ownerOf(option: Option): string {
  const owners = described.filter(([, { options }]) => options.includes(option))
  return owners.length === 1 ? `${owners[0]?.[0]}: ` : ''
}

export const HELP = `Bouncebell watches how the world's mail servers answer your mail.

Usage: bouncebell [command] [options]

Commands
${row('(none)', start.says)}
${described.map(([name, { takes, says }]) => row(takes ? `${name} ${takes}` : name, says)).join('\n')}

Options
${(Object.keys(OPTIONS) as Option[])
  .map((name) => optionRow(name, name === 'json' ? 'explain: ' : ownerOf(name)))
  .join('\n')}

Exit codes: 0 done; 1 something failed or is wrong outside; 2 the command line or the configuration is wrong.
Colors are left out when NO_COLOR is set.
`

/** What one command takes; where there is none, where to find them all. */
export function helpFor(name: string | null): string {
  if (name === null || !isCommand(name)) return 'All commands: bouncebell --help\n'
  const { takes, says, options }: AnySubcommand = COMMANDS[name]
  const usage = ['bouncebell', name, takes, options.length ? '[options]' : ''].filter(Boolean).join(' ')
  const rows = options.map((option) => optionRow(option))
  return `Usage: ${usage}\n  ${says}\n${rows.length ? `\n${rows.join('\n')}\n` : ''}`
}
