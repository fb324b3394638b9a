import { CAUSES, type Cause, type Retry, type Signal } from './causes.ts'
import type { Reply } from './reply.ts'
import type { RuleFile, UserRule } from './rule.ts'
import { mask } from './template.ts'

/** What we make of a reply. */
export interface Verdict {
  cause: Cause
  signal: Signal | null
  retry: Retry
  /** Whose move it is. */
  move: string
  /** The mailbox provider, if the text gives it away. */
  provider: string | null
  /** The rule that said so: `gmail.yaml: rate-limited/unsolicited`. */
  rule: string
  /** The lists and mechanisms that the text names. */
  names: string[]
  /** Where to ask for delisting, or the postmaster's page. */
  link: string | null
  /** True where the text alone is as good as a proof. */
  named: boolean
  /** The masked text: under it the verdict may be stored. */
  template: string
}

export interface Classifier {
  /** `reply.text` may be as it came or a template; `provider` is the recipient's, where it is known. */
  classify(reply: Reply, provider?: string): Verdict
  /** Changes whenever a rule does: stored replies are then to be classified anew. */
  hash: string
}

export function createClassifier(rules: { files: readonly RuleFile[]; user?: readonly UserRule[] }): Classifier {
  return {
    hash: String(rules.files.length),
    classify(reply) {
      const cause: Cause = reply.enhanced?.endsWith('.1.1') ? 'recipient-unknown' : 'unknown'
      const { signal, retry, move } = CAUSES[cause]
      const template = mask(reply.text)
      return { cause, signal, retry, move, provider: null, rule: 'none', names: [], link: null, named: false, template }
    },
  }
}
