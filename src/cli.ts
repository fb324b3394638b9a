import { parseArgs } from 'node:util'

/** What a command line asks for. */
export type Command =
  | { name: 'start' | 'serve' | 'doctor' | 'check-config' | 'migrate' | 'rules'; config: string | null }
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
  | { name: 'schema' | 'help' | 'version' }

/** The command line is wrong: exit code 2, with this sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const HELP = `Bouncebell watches how the world's mail servers answer your mail.

Usage: bouncebell [command] [options]

Commands
  (none)              serve, or the demo where there is no bouncebell.yaml
  serve               poll the sources, watch, and talk in the chats
  demo                a week of made-up mail, then an incident, at http://127.0.0.1:3000
  explain [REPLY]     what a reply means; without REPLY one reply per line from stdin
  replay              what would have been noticed over the history that is stored
  rules               check your own reply rules: which built-in ones they override, which never match
  check-config        read bouncebell.yaml and say what is wrong with it
  migrate             bring the database to the current schema
  doctor              ask every source, every chat and the database, and say what is wrong
  schema              print the JSON Schema of bouncebell.yaml

Options
  -c, --config FILE   the configuration (default: BOUNCEBELL_CONFIG, or ./bouncebell.yaml)
      --json          explain: one JSON object per line
      --days N        replay: how far back (default 30)
      --counts FILE   replay: counts as JSON lines from a file, or - for stdin, instead of the stored history
      --rule FILE     replay: try the alert rules in this YAML file
      --false-alarms TEXT
                      replay: another false-alarm budget, such as "2 per month"
      --summary       replay: a table and a chart instead of JSON lines
      --port N        demo: the port (default 3000)
      --data DIR      demo: the database's directory (default ./data)
      --seed N        demo: another course of events (default 1)
  -h, --help          this text
  -V, --version       the version

Exit codes: 0 done; 1 something failed or is wrong outside; 2 the command line or the configuration is wrong.
Colours are left out when NO_COLOR is set.
`

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  days: { type: 'string' },
  counts: { type: 'string' },
  rule: { type: 'string' },
  'false-alarms': { type: 'string' },
  summary: { type: 'boolean' },
  port: { type: 'string' },
  data: { type: 'string' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

type Option = keyof typeof OPTIONS

const ACCEPTS: Record<string, Option[]> = {
  start: ['config', 'port', 'data', 'seed'],
  serve: ['config'],
  doctor: ['config'],
  'check-config': ['config'],
  migrate: ['config'],
  rules: ['config'],
  demo: ['port', 'data', 'seed'],
  explain: ['json', 'config'],
  replay: ['config', 'days', 'counts', 'rule', 'false-alarms', 'summary'],
  schema: [],
}

/** argv (without node and the script) -> Command. Throws UsageError. */
export function readCommand(argv: string[], env: Record<string, string | undefined>): Command {
  const { values, positionals } = parse(argv)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const [name = 'start', ...rest] = positionals
  const accepted = ACCEPTS[name]
  if (!accepted) throw new UsageError(`There is no command "${name}".`)
  const strange = Object.keys(values).find((option) => !accepted.includes(option as Option))
  if (strange) throw new UsageError(`"${name}" takes no --${strange}.`)
  if (rest.length && name !== 'explain' && !(name === 'rules' && rest[0] === 'test'))
    throw new UsageError(`"${name}" does not know what to do with "${rest[0]}".`)

  const config = values.config ?? env.BOUNCEBELL_CONFIG ?? null
  switch (name) {
    case 'demo':
      return {
        name,
        port: number('--port', values.port ?? '3000', 0, 65_535),
        directory: values.data ?? './data',
        seed: number('--seed', values.seed ?? '1', 0, 2 ** 31),
      }
    case 'explain':
      return { name, reply: rest.length ? rest.join(' ') : null, json: values.json ?? false, config }
    case 'replay':
      return {
        name,
        config,
        days: number('--days', values.days ?? '30', 1, 400),
        counts: values.counts ?? null,
        rule: values.rule ?? null,
        falseAlarms: values['false-alarms'] ?? null,
        summary: values.summary ?? false,
      }
    case 'schema':
      return { name }
    default:
      return { name: name as 'start', config }
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`)
  }
}

function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}".`)
  return value
}
