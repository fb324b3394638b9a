import { CAUSE_NAMES, CAUSES, type Cause } from '../smtp/causes.ts'
import type { Classifier } from '../smtp/classify/classify.ts'
import { parseReply } from '../smtp/reply/reply.ts'
import type { Card } from './card.ts'

const MOST_WORDS = 10

/** What to add to bouncebell.yaml if you disagree: the answer to "Wrong?". `said` is the reply, masked or not. */
export function wrongCard(said: string, classifier: Classifier): Card {
  const { cause, provider, rule, template } = classifier.classify(parseReply(said))
  const words = tellingWords(template)
  if (words === '') {
    return {
      title: 'The reply has no text',
      tone: 'muted',
      text: ['It has only a code, and a rule needs words to match.'],
    }
  }
  const line = [`match: ${quoted(words)}`, ...(provider ? [`provider: ${provider}`] : []), `cause: ${likelier(cause)}`]
  return {
    title: `Classified as ${cause} by rule ${rule}`,
    tone: 'info',
    text: [
      `${cause} means: ${CAUSES[cause].means}. If that is wrong, add this to bouncebell.yaml with the right cause, and restart. Your rules come before all others, and stored replies are classified again.`,
      `Causes: ${CAUSE_NAMES.join(', ')}.`,
    ],
    quotes: [['replies:', '  rules:', `    - { ${line.join(', ')} }`].join('\n')],
    links: [],
    footer: '`bouncebell rules` shows which built-in rules yours overrides, and for how many stored replies.',
  }
}

/**
 * In double quotes of YAML, where nothing that a stranger wrote is anything but text. What is not seen is written as an
 * escape, and slashes around it, which would make it a regular expression, are gone already.
 */
const quoted = (words: string) =>
  JSON.stringify(words).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

/** The longest stretch of the reply's own words, without what differs from reply to reply. */
function tellingWords(template: string): string {
  const stretches = template
    .split(/\{[a-z]+\}|["<>[\](){}]|(?<![\p{L}])'|'(?![\p{L}])/u)
    .map((stretch) => stretch.replace(/^[\s:;,.!?#/-]+|[\s:;,!?#/-]+$/g, ''))
  const longest = stretches.reduce((best, stretch) => (stretch.length > best.length ? stretch : best), '')
  return longest
    .split(/\s+/)
    .slice(0, MOST_WORDS)
    .join(' ')
    .replace(/[\s:;,.!?#/-]+$/, '')
}

/** An example that is not what it says now; the person puts the right one. */
const likelier = (cause: Cause): Cause => (cause === 'policy' ? 'reputation' : 'policy')
