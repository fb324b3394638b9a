/** Every option of the command line: how it is written, and what it does. */
export const OPTIONS = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    says: 'the configuration (default: BOUNCEBELL_CONFIG, or ./bouncebell.yaml)',
  },
  json: { type: 'boolean', says: 'one JSON object per line' },
  days: { type: 'string', value: 'N', says: 'how far back (default 30)' },
  counts: {
    type: 'string',
    value: 'FILE',
    says: 'counts as JSON lines from a file, or - for stdin, instead of the stored history',
  },
  rule: { type: 'string', value: 'FILE', says: 'try the alert rules in this YAML file' },
  'false-alarms': { type: 'string', value: 'TEXT', says: 'another false-alarm budget, such as "2 per month"' },
  summary: { type: 'boolean', says: 'a table and a chart instead of JSON lines' },
  port: { type: 'string', value: 'N', says: 'the port (default 3000)' },
  data: { type: 'string', value: 'DIR', says: "the database's directory (default ./data)" },
  seed: { type: 'string', value: 'N', says: 'another course of events (default 1)' },
  'test-alert': { type: 'boolean', says: 'post a test alert to every chat, marked as one, the way alerts go' },
  help: { type: 'boolean', short: 'h', says: 'this text; after a command, what that command takes' },
  version: { type: 'boolean', short: 'V', says: 'the version' },
} as const satisfies Record<string, { type: 'string' | 'boolean'; short?: string; value?: string; says: string }>

export type Option = keyof typeof OPTIONS

interface CommandLine {
  /** What stands after the name. */
  takes?: string
  says: string
  options: Option[]
}

/** Every command, in the order of the help. */
export const COMMANDS = {
  serve: { says: 'poll the sources, watch, and talk in the chats', options: ['config'] },
  demo: {
    says: 'a week of made-up mail, then an incident, at http://127.0.0.1:3000',
    options: ['port', 'data', 'seed'],
  },
  explain: {
    takes: '[REPLY]',
    says: 'what a reply means; without REPLY one reply per line, or one e-mail, from stdin',
    options: ['json', 'config'],
  },
  replay: {
    says: 'what would have been noticed over the history that is stored',
    options: ['config', 'days', 'counts', 'rule', 'false-alarms', 'summary'],
  },
  rules: {
    says: 'check your own reply rules: which built-in ones they override, which never match',
    options: ['config'],
  },
  'check-config': { says: 'read bouncebell.yaml and say what is wrong with it', options: ['config'] },
  migrate: { says: 'bring the database to the current schema', options: ['config'] },
  doctor: {
    says: 'ask every source, every chat and the database, and say what is wrong',
    options: ['config', 'test-alert'],
  },
  health: { says: 'ask the Bouncebell that runs here whether it is alive, for health checks', options: ['config'] },
  schema: { says: 'print the JSON Schema of bouncebell.yaml', options: [] },
} as const satisfies Record<string, CommandLine>

export type CommandName = keyof typeof COMMANDS

const WIDTH = 22
const row = (left: string, says: string) =>
  left.length < WIDTH - 2 ? `  ${left.padEnd(WIDTH - 2)}${says}` : `  ${left}\n${' '.repeat(WIDTH)}${says}`

function optionRow(name: Option, of = ''): string {
  const { short, value, says } = OPTIONS[name] as { short?: string; value?: string; says: string }
  return row(`${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`, `${of}${says}`)
}

/** An option that belongs to one command only is listed with its name. */
function ownerOf(option: Option): string {
  const owners = Object.entries(COMMANDS).filter(([, { options }]) => (options as readonly Option[]).includes(option))
  return owners.length === 1 ? `${owners[0]?.[0]}: ` : ''
}

export const HELP = `Bouncebell watches how the world's mail servers answer your mail.

Usage: bouncebell [command] [options]

Commands
${row('(none)', 'serve, or the demo where there is no bouncebell.yaml')}
${Object.entries(COMMANDS)
  .map(([name, { takes, says }]: [string, CommandLine]) => row(takes ? `${name} ${takes}` : name, says))
  .join('\n')}

Options
${(Object.keys(OPTIONS) as Option[])
  .map((name) => optionRow(name, name === 'json' ? 'explain: ' : ownerOf(name)))
  .join('\n')}

Exit codes: 0 done; 1 something failed or is wrong outside; 2 the command line or the configuration is wrong.
Colors are left out when NO_COLOR is set.
`

/** What one command takes; where there is none, where to find them all. */
export function helpFor(name: CommandName | null): string {
  if (name === null) return 'All commands: bouncebell --help\n'
  const { takes, says, options }: CommandLine = COMMANDS[name]
  const usage = ['bouncebell', name, takes, options.length ? '[options]' : ''].filter(Boolean).join(' ')
  const rows = options.map((option) => optionRow(option))
  return `Usage: ${usage}\n  ${says}\n${rows.length ? `\n${rows.join('\n')}\n` : ''}`
}
