import type { Silence } from '../incident/silence.ts'
import { when } from '../incident/wording.ts'
import type { Card } from './card.ts'

/** What is silenced, by whom and until when. */
export function silencesCard(silences: readonly Silence[], now: Date): Card {
  if (silences.length === 0) {
    return {
      title: 'Nothing is silenced',
      tone: 'info',
      text: ['To silence a slice of mail: /smtp silence provider=yahoo 4h reason in your words'],
    }
  }
  return {
    title: silences.length === 1 ? 'One silence' : `${silences.length} silences`,
    tone: 'muted',
    text: ['Watching goes on. What is silenced is told as soon as the silence ends, if it still goes on by then.'],
    table: {
      columns: ['No.', 'What', 'Until', 'Why'],
      rows: silences.map(({ where, until, reason }, i) => [String(i + 1), pattern(where), when(until, now), reason]),
    },
    footer: 'To end one: /smtp unsilence NUMBER. Those of the configuration end there.',
  }
}

const pattern = (where: Silence['where']) =>
  Object.entries(where)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    .join(' ')
