import { checkConfig } from './check-config.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { health } from './health.ts'
import { migrate } from './migrate.ts'
import { replay } from './replay.ts'
import { rules } from './rules.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'

/** Every command, in the order of the help. */
export const COMMANDS = {
  serve,
  demo,
  explain,
  replay,
  rules,
  'check-config': checkConfig,
  migrate,
  doctor,
  health,
  schema,
} as const

export type CommandName = keyof typeof COMMANDS

export const isCommand = (word: string): word is CommandName => Object.hasOwn(COMMANDS, word)
