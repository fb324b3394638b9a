import { CAUSES, type Cause, type Retry, type Signal } from '../causes.ts'
import { createMatcher } from '../matcher/matcher.ts'
import type { Reply } from '../reply/reply.ts'
import { mask } from '../template/template.ts'
import { conditionsOf, holds, readEnhanced } from './conditions.ts'
import type { RuleFile, UserRule } from './rule.ts'
import { hashOf, type RankedRule, ranked, wordsOf } from './ruleset.ts'

/** What we make of a reply. */
export interface Verdict {
  readonly cause: Cause
  readonly signal: Signal | null
  readonly retry: Retry
  /** Whose move it is. */
  readonly move: string
  /** The mailbox provider, if the text gives it away. */
  readonly provider: string | null
  /** The rule that said so: `gmail.yaml: rate-limited/unsolicited`. */
  readonly rule: string
  /** The lists and mechanisms that the text names. */
  readonly names: readonly string[]
  /** Where to ask for delisting, or the postmaster's page. */
  readonly link: string | null
  /** True where the text alone is as good as a proof. */
  readonly named: boolean
  /** The masked text: under it the verdict may be stored. */
  readonly template: string
}

export interface Classifier {
  /** `reply.text` may be as it came or a template; `provider` is the recipient's, where it is known. */
  classify(reply: Reply, provider?: string): Verdict
  /** Changes whenever a rule does: stored replies are then to be classified anew. */
  hash: string
  /** What was compiled, for the benchmark. */
  size: { rules: number; words: number; patterns: number }
}

export interface ClassifierOptions {
  files: readonly RuleFile[]
  user?: readonly UserRule[]
  /** How many answers to keep by template, 0 for none: replies repeat themselves. */
  cache?: number
}

/** Compiles the rules once; classifying is then one pass over the text. */
export function createClassifier({ files, user = [], cache: limit = 4096 }: ClassifierOptions): Classifier {
  const rules = ranked(files, user)
  const answers = [...rules, null].map(answerOf)
  const mentions = rules.map(({ names, link }): Mention => ({ names: [...new Set(names)], link }))
  const conditions = rules.map((rule) => conditionsOf(rule))
  const textless = rules.flatMap((rule, number) => (rule.text.length === 0 && rule.expression === null ? [number] : []))
  const expressions = rules.flatMap((rule, number) =>
    rule.expression ? [{ number, expression: rule.expression }] : [],
  )

  let code = 0
  let status = -1
  let sender = ''
  let speaker = ''
  let speaking = rules.length
  let best = rules.length
  /** The numbers of the rules that name something. */
  let told: readonly number[] = NONE_TOLD
  const kept = new Map<string, { code: number; status: number; sender: string; verdict: Verdict }>()

  const asked = (number: number) => {
    const condition = conditions[number]!
    return condition === null || holds(condition, code, status, sender, speaker)
  }
  const matcher = createMatcher(
    rules.map((rule) => ({ early: isEarly(rule), text: rule.text, not: rule.not })),
    wordsOf(files),
    rules.flatMap((rule) => rule.examples.map(mask)),
    asked,
  )

  /** What a rule tells besides the cause: who speaks, which lists are named. */
  function hit(number: number) {
    const { layer, provider, cause } = rules[number]!
    if (layer !== 'mark') {
      if (!told.includes(number)) told = [...told, number]
    } else if (number < speaking) {
      speaking = number
      speaker = provider ?? ''
    }
    if (cause !== null && number < best) best = number
  }

  /** What the rules that were told name, in the order of the rules, so that it is told alike whatever the text begins with. */
  function mentioned(): Mention {
    if (told.length === 0) return NO_MENTION
    if (told.length === 1) return mentions[told[0]!]!
    const all = told.toSorted((a, b) => a - b).map((number) => mentions[number]!)
    return { names: [...new Set(all.flatMap(({ names }) => names))], link: all.find(({ link }) => link)?.link ?? null }
  }

  /** Of the rules that are regular expressions the first that holds, if it comes before the best so far. */
  function firstExpression(template: string): number {
    for (const { number, expression } of expressions) {
      if (number >= best) break
      if (asked(number) && expression.test(template)) return number
    }
    return best
  }

  return {
    hash: hashOf(files, user),
    size: { rules: rules.length, ...matcher.size },
    classify(reply, provider = '') {
      const template = mask(reply.text)
      code = reply.code ?? 0
      status = readEnhanced(reply.enhanced)
      sender = provider
      const known = limit > 0 ? kept.get(template) : undefined
      if (known && known.code === code && known.status === status && known.sender === sender) return known.verdict
      speaker = ''
      speaking = rules.length
      best = rules.length
      told = NONE_TOLD
      matcher.read(template)
      matcher.each(hit)
      if (expressions.length > 0) best = firstExpression(template)
      best = matcher.first(best)
      for (let i = 0; i < textless.length && textless[i]! < best; i++) if (asked(textless[i]!)) best = textless[i]!
      const answer = verdict(answers[best]!, speaker, mentioned(), template)
      if (limit > 0) {
        if (kept.size >= limit) kept.clear()
        kept.set(template, { code, status, sender, verdict: answer })
      }
      return answer
    },
  }
}

/** Does it tell who speaks or what is named? */
const isEarly = (rule: RankedRule): boolean => rule.layer === 'mark' || rule.names.length > 0

/** All that a rule's answer says by itself. */
function answerOf(rule: RankedRule | null) {
  const cause = rule?.cause ?? 'unknown'
  const { signal, retry, move } = CAUSES[cause]
  return {
    cause,
    signal,
    retry: rule?.retry ?? retry,
    move: rule?.move ?? move,
    provider: rule?.provider ?? null,
    rule: rule?.label ?? 'none',
    link: rule?.link ?? null,
    named: rule?.named ?? false,
  }
}

/** The lists and mechanisms that a text names, and the link that belongs to them. */
type Mention = Pick<Verdict, 'names' | 'link'>
const NO_MENTION: Mention = { names: [], link: null }
const NONE_TOLD: readonly number[] = []

function verdict(
  answer: ReturnType<typeof answerOf>,
  speaker: string,
  { names, link }: Mention,
  template: string,
): Verdict {
  return {
    cause: answer.cause,
    signal: answer.signal,
    retry: answer.retry,
    move: answer.move,
    provider: answer.provider ?? (speaker || null),
    rule: answer.rule,
    names,
    link: answer.link ?? link,
    named: answer.named,
    template,
  }
}
