import { times } from '../incident/new-reply.ts'
import { duration, when } from '../incident/wording.ts'
import type { Cause } from '../smtp/causes.ts'
import type { Card } from './card.ts'
import { verbatim } from './new-reply.ts'

const MOST = 15
/** A reply in a table, in characters. */
const LONGEST_CELL = 90

/** A reply that a source reported for the first time in the last 24 h. */
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
  /** Sources that have not been known long enough for anything of theirs to be called new, and how long they have been. */
  tooYoung: readonly { source: string; knownMs: number }[]
}

/** Replies seen for the first time in the last 24 h, most frequent first. */
export function newRepliesCard({ now, rows, tooYoung }: NewReplies): Card {
  const listed = rows.toSorted((a, b) => b.n - a.n || a.since.getTime() - b.since.getTime()).slice(0, MOST)
  const text = tooYoung.map(
    ({ source, knownMs }) =>
      `Bouncebell has known ${source} for only ${duration(knownMs)}. It takes a week to tell what is new there.`,
  )
  if (listed.length === 0) {
    const title = 'No new replies in the last 24 h'
    return {
      title,
      tone: 'good',
      text: [...text, 'If servers refused mail, they used replies that they have used before.'],
    }
  }
  return {
    title: `${rows.length === 1 ? 'One new reply' : `${rows.length} new replies`} in the last 24 h`,
    tone: 'info',
    text,
    table: {
      columns: ['New since', 'Seen', 'Source', 'Cause', 'Reply'],
      rows: listed.map((row) => [
        when(row.since, now),
        `${times(row.n)} at ${row.providerName}`,
        row.source,
        row.cause,
        clip(verbatim(row)),
      ]),
    },
    footer: `${rows.length > MOST ? `And ${rows.length - MOST} less frequent ones. ` : ''}To look one up: /smtp and its code or words`,
  }
}

const clip = (said: string) => (said.length > LONGEST_CELL ? `${said.slice(0, LONGEST_CELL - 1)}…` : said)
