import type { Silence } from '../incident/silence.ts'
import { when } from '../incident/wording.ts'
import type { Card } from './card.ts'

/** What is silenced, by whom and until when. */
export function silencesCard(silences: readonly Silence[], now: Date): Card {
  if (silences.length === 0) {
    return {
      title: 'Nothing is silenced',
      tone: 'info',
      text: ['To silence part of your mail: /smtp silence provider=yahoo 4h and a reason'],
    }
  }
  return {
    title: silences.length === 1 ? 'One silence' : `${silences.length} silences`,
    tone: 'muted',
    text: ['Bouncebell keeps watching. When a silence ends, it alerts you to whatever is still going on.'],
    table: {
      columns: ['No.', 'What', 'Until', 'Why'],
      rows: silences.map(({ where, until, reason }, i) => [String(i + 1), pattern(where), when(until, now), reason]),
    },
    footer: 'To end one: /smtp unsilence NUMBER. Silences from bouncebell.yaml are ended there.',
  }
}

const pattern = (where: Silence['where']) =>
  Object.entries(where)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    .join(' ')
