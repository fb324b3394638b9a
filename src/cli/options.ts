import { parseArgs } from 'node:util'

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
  seed: { type: 'string', value: 'N', says: 'the seed of the simulation (default 1)' },
  'test-alert': { type: 'boolean', says: 'post a test alert to every chat, through the same job as real alerts' },
  help: { type: 'boolean', short: 'h', says: 'this help; after a command, the help for that command' },
  version: { type: 'boolean', short: 'V', says: 'the version' },
} as const satisfies Record<string, { type: 'string' | 'boolean'; short?: string; value?: string; says: string }>

export type Option = keyof typeof OPTIONS

/** Options and words as they stand on a command line. Throws an Error of Node's. */
export const parseOptions = (argv: string[]) => parseArgs({ args: argv, options: OPTIONS, allowPositionals: true })

export type OptionValues = ReturnType<typeof parseOptions>['values']
