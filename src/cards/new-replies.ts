import { times } from '../incident/new-reply.ts'
import { duration, when } from '../incident/wording.ts'
import type { Cause } from '../smtp/causes.ts'
import type { Card } from './card.ts'
import { verbatim } from './new-reply.ts'

const MOST = 15
/** A reply in a table, in characters. */
const LONGEST_CELL = 90

/** A reply that a source gave for the first time within the last 24 h. */
interface NewReplyRow {
  source: string
  providerName: string
  code: number | null
  enhanced: string | null
  template: string
  cause: Cause
  since: Date
  n: number
}

interface NewReplies {
  now: Date
  /** In any order. */
  rows: readonly NewReplyRow[]
  /** The sources that are not known for long enough for anything of theirs to be called new, and for how long they are. */
  tooYoung: readonly { source: string; knownMs: number }[]
}

/** What was said for the first time in the last 24 h, most frequent first. */
export function newRepliesCard({ now, rows, tooYoung }: NewReplies): Card {
  const listed = rows.toSorted((a, b) => b.n - a.n || a.since.getTime() - b.since.getTime()).slice(0, MOST)
  const text = tooYoung.map(
    ({ source, knownMs }) =>
      `${source} is known for ${duration(knownMs)} only: what is new there can be told after a week.`,
  )
  if (listed.length === 0) {
    const title = 'No new replies in the last 24 h'
    return { title, tone: 'good', text: [...text, 'Servers refused mail in the words they always use, if at all.'] }
  }
  return {
    title: `${rows.length === 1 ? 'One new reply' : `${rows.length} new replies`} in the last 24 h`,
    tone: 'info',
    text,
    table: {
      columns: ['New since', 'How often', 'Source', 'Cause', 'Reply'],
      rows: listed.map((row) => [
        when(row.since, now),
        `${times(row.n)} at ${row.providerName}`,
        row.source,
        row.cause,
        clip(verbatim(row)),
      ]),
    },
    footer: `${rows.length > MOST ? `And ${rows.length - MOST} more, less often. ` : ''}What one means: /smtp and its code or words`,
  }
}

const clip = (said: string) => (said.length > LONGEST_CELL ? `${said.slice(0, LONGEST_CELL - 1)}…` : said)
