import type { Cause, Retry } from '../causes.ts'

/** The layers, in the order in which they are asked. The first rule that matches wins. */
export const LAYERS = ['user', 'provider', 'family', 'enhanced', 'code'] as const
export type Layer = (typeof LAYERS)[number]

/** A rule as it stands in a YAML file. All conditions that are given must hold. */
export interface Rule {
  id: string
  /** Null for a rule that only tells something: a provider's mark, the name of a list. */
  cause: Cause | null
  /** Phrases (see phrase.ts), any of which is enough. Empty: the codes decide. */
  text: readonly string[]
  /** Phrases that must not be there. */
  not: readonly string[]
  /** `550`, `4xx`; any of them. */
  code: readonly string[]
  /** `5.7.1`, `x.7.1`, `x.7.x`; any of them. */
  enhanced: readonly string[]
  /** Only replies of these mailbox providers. */
  at: readonly string[]
  /** The mailbox provider that a match gives away. */
  provider: string | null
  /** The list or the mechanism that a match names. */
  names: readonly string[]
  /** Where to ask for delisting, or to read on. */
  link: string | null
  /** True where the text alone is as good as a proof. */
  named: boolean
  /** Where it differs from what the cause implies. */
  retry: Retry | null
  move: string | null
  /** Real replies that this rule answers. */
  examples: readonly string[]
}

/** A rule that asks for nothing and says nothing, to build one from. */
export const BARE_RULE: Omit<Rule, 'id'> = {
  cause: null,
  text: [],
  not: [],
  code: [],
  enhanced: [],
  at: [],
  provider: null,
  names: [],
  link: null,
  named: false,
  retry: null,
  move: null,
  examples: [],
}

export interface RuleFile {
  /** The file's name, shown in every answer: `gmail.yaml`. */
  name: string
  layer: Exclude<Layer, 'user'>
  /** Classes of words for phrases: `USER` -> user, recipient, ... */
  words: Readonly<Record<string, readonly string[]>>
  rules: readonly Rule[]
}

/** A rule of the user's own, from `replies.rules` in the configuration. */
export interface UserRule {
  /** Words that must follow each other, or `/a regular expression/`. */
  match: string
  provider?: string
  cause: Cause
}
