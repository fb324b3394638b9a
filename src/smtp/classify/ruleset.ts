import { parseReply } from '../reply/reply.ts'
import { mask } from '../template/template.ts'
import { BARE_RULE, LAYERS, type Layer, type Rule, type RuleFile, type UserRule } from './rule.ts'

const provider = (name: string) => ({ name: `${name}.yaml`, layer: 'provider' }) as const
const family = (name: string) => ({ name: `${name}.yaml`, layer: 'family' }) as const
/**
 * The files in `rules/`, in the order in which they are asked within their layer. What is near-proof and narrow comes
 * first; wording that many servers use for many things comes last.
 */
export const RULE_FILES: readonly Pick<RuleFile, 'name' | 'layer'>[] = [
  provider('gmail'),
  provider('microsoft'),
  provider('yahoo'),
  provider('apple'),
  provider('united-internet'),
  provider('germany'),
  provider('france'),
  provider('united-states'),
  provider('hosting'),
  provider('gateways'),
  provider('russia'),
  provider('asia'),
  family('words'),
  family('statements'),
  family('suppression'),
  family('blocklists'),
  family('summaries'),
  family('relay-denied'),
  family('authentication'),
  family('mailbox-full'),
  family('rate-limited'),
  family('greylisted'),
  family('sender-dns'),
  family('blocklisted'),
  family('message-too-large'),
  family('content-rejected'),
  family('recipient-inactive'),
  family('recipient-unknown'),
  family('domain-invalid'),
  family('spam-content'),
  family('reputation'),
  family('connection'),
  family('protocol'),
  family('receiver-fault'),
  family('policy'),
  family('weak'),
  { name: 'enhanced.yaml', layer: 'enhanced' },
  { name: 'refused.yaml', layer: 'code' },
  { name: 'codes.yaml', layer: 'code' },
]

/** A rule with its place: `mark` only tells who speaks. */
export interface RankedRule extends Rule {
  layer: Layer | 'mark'
  /** How it is named in an answer. */
  label: string
  /** A user's regular expression; null everywhere else. */
  expression: RegExp | null
}

/** All rules in the order in which they win. */
export function ranked(files: readonly RuleFile[], user: readonly UserRule[]): RankedRule[] {
  const builtIn = files.flatMap((file) =>
    file.rules.map(
      (rule): RankedRule => ({
        ...rule,
        layer: rule.cause === null && rule.provider !== null && rule.names.length === 0 ? 'mark' : file.layer,
        label: `${file.name}: ${rule.cause === null ? '' : `${rule.cause}/`}${rule.id}`,
        expression: null,
      }),
    ),
  )
  const all = [...user.map(fromUser), ...builtIn]
  return [...LAYERS, 'mark' as const].flatMap((layer) => all.filter((rule) => rule.layer === layer))
}

/** A user's `match` is a reply or a part of one, or `/a regular expression/` over the masked text. */
function fromUser(rule: UserRule, index: number): RankedRule {
  const expression = expressionOf(rule.match)
  const reply = expression === null ? parseReply(rule.match) : null
  return {
    ...BARE_RULE,
    id: String(index),
    cause: rule.cause,
    text: reply && reply.text !== '' ? [literal(mask(reply.text))] : [],
    code: reply?.code ? [String(reply.code)] : [],
    enhanced: reply?.enhanced ? [reply.enhanced] : [],
    at: rule.provider ? [rule.provider] : [],
    layer: 'user',
    label: `replies.rules[${index}]: ${rule.cause}`,
    expression,
  }
}

/** Only what stands between slashes is taken for a regular expression. Throws SyntaxError. */
export function expressionOf(match: string): RegExp | null {
  const source = /^\/(.+)\/i?$/.exec(match)?.[1]
  return source === undefined ? null : new RegExp(source, 'iu')
}

/** The words of a text as a phrase: nothing in it is taken for syntax. */
const literal = (text: string) =>
  text
    .toLowerCase()
    .replace(/[/&!*().]+/g, ' ')
    .trim()

export const wordsOf = (files: readonly RuleFile[]): Record<string, readonly string[]> =>
  Object.assign({}, ...files.map((file) => file.words))

/** FNV-1a over everything that decides. */
export function hashOf(files: readonly RuleFile[], user: readonly UserRule[]): string {
  const text = JSON.stringify([files, user])
  let hash = 0xcbf29ce484222325n
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0')
}
