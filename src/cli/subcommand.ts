import type { Kinds } from '../config/schema.ts'
import type { OpenDatabase } from '../ports/store/opened.ts'
import type { Option, OptionValues } from './options.ts'

/** What is concrete, from main.ts. */
export interface Tools {
  kinds: Kinds
  openDatabase: OpenDatabase
  version: string
}

/** What stands on the command line after the name. */
export interface Given {
  values: OptionValues
  words: readonly string[]
  /** The configuration that is named there or in the environment. */
  config: string | null
}

/** One of `bouncebell <name> ...`. The help and the parser are made from these. */
export interface Subcommand<Asked extends object> {
  /** What stands after the name. */
  takes?: string
  says: string
  options: readonly Option[]
  /** Which words it knows what to do with; none where left out. */
  acceptsWord?(word: string): boolean
  /** Throws UsageError. */
  read(given: Given): Asked
  /** Answers with the exit code. */
  run(asked: Asked, tools: Tools): Promise<number>
}

/** Any of them, whatever it asks for. */
export type AnySubcommand = Omit<Subcommand<object>, 'run'> & { run(asked: never, tools: Tools): Promise<number> }

/** What it takes is the configuration, and nothing else. */
export const configOnly = ({ config }: Given) => ({ config })
