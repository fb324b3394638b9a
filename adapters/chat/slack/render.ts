import type { types } from '@slack/bolt'
import type { Action, Card, Chart, Tone } from '../../../src/cards/card.ts'
import { type Run, runsOf } from '../../../src/cards/paragraph.ts'
import { alignTable, endsOf, sparkline, summariseChart, toText } from '../../../src/cards/text.ts'
import { clip, escapeEntities } from './clip.ts'
import { LIMITS, LINKS, PART, TABLE_ROWS } from './limits.ts'

export interface SlackMessage {
  /** For notifications and screen readers. */
  text: string
  blocks: types.KnownBlock[]
}

/** Belt and braces beside blocks without mrkdwn: nothing in the notification's text is parsed, linked or unfurled. */
export const INERT = {
  link_names: false,
  parse: 'none',
  mrkdwn: false,
  unfurl_links: false,
  unfurl_media: false,
} as const

/** Slack's blocks have no color of their own. */
const TONE_SIGNS: Record<Tone, string> = { critical: '🔴', warning: '🟠', good: '🟢', info: '🔵', muted: '⚪' }

/**
 * A card as Block Kit. Nothing in it is mrkdwn: plain_text and rich_text elements are shown as they are, so that a
 * server's words can neither mention anybody nor link nor format. Six blocks at most, of the 50 that Slack takes.
 */
export function renderMessage(card: Card, called: Called | null = null): SlackMessage {
  const title = `${TONE_SIGNS[card.tone]} ${card.title || 'Bouncebell'}`
  const blocks: types.KnownBlock[] = [{ type: 'header', text: plain(clip(title, LIMITS.header)) }]
  if (called) blocks.push({ type: 'rich_text', elements: [call(called)] })
  const parts = bodyOf(card, title.length > LIMITS.header)
  if (parts.length > 0) blocks.push({ type: 'rich_text', elements: withinBudget(parts) })
  blocks.push(...renderActions(card.actions ?? []))
  if (card.footer) blocks.push({ type: 'context', elements: [plain(clip(card.footer, PART.footer))] })
  return { text: escapeEntities(clip(toText(card), LIMITS.fallback)), blocks }
}

/** Who is to look: mentioned where Slack knows them, else named. */
interface Called {
  id: string | null
  name: string
}

function call({ id, name }: Called): types.RichTextSection {
  const who: Piece =
    id === null ? { type: 'text', text: clip(name || 'Somebody', PART.field) } : { type: 'user', user_id: id }
  return sectionOf([who, { type: 'text', text: ' acknowledged this.' }])
}

type Part = types.RichTextSection | types.RichTextPreformatted | types.RichTextList
type Piece = types.RichTextSection['elements'][number]

function bodyOf(card: Card, titleIsCut: boolean): Part[] {
  const fields = (card.fields ?? []).filter((field) => field.value !== '')
  return [
    // A title that was cut is told in full here.
    ...[...(titleIsCut ? [card.title] : []), ...(card.text ?? [])].flatMap(runsOf).map(runOf),
    ...(fields.length > 0 ? [fieldsOf(fields)] : []),
    ...(card.chart && card.chart.points.length > 0 ? chartOf(card.chart) : []),
    ...(card.quotes ?? []).map((quote) => preformatted(quote, PART.quote)),
    ...(card.table ? [tableOf(card.table)] : []),
    ...(card.links?.length ? [linksOf(card.links)] : []),
  ].filter(isShown)
}

function runOf(run: Run): Part {
  if (run.kind === 'words') return section(run.text, PART.text)
  if (run.kind === 'heading')
    return sectionOf([{ type: 'text', text: clip(run.text, PART.text), style: { bold: true } }])
  const elements = run.items.map((item) => sectionOf(pieces(clip(item, PART.item)))).filter(isShown)
  return { type: 'rich_text_list', style: run.ordered ? 'ordered' : 'bullet', elements }
}

function fieldsOf(fields: NonNullable<Card['fields']>): Part {
  const lines = fields.flatMap((field): Piece[] => [
    { type: 'text', text: `${clip(field.label, PART.field)}: `, style: { bold: true } },
    { type: 'text', text: `${clip(field.value, PART.field)}\n` },
  ])
  return sectionOf(lines)
}

function chartOf(chart: Chart): Part[] {
  const bars = sparkline(chart)
  const { from = '', to = '' } = endsOf(chart) ?? {}
  const axis = from + to.padStart(Math.max(bars.length - from.length, to.length + 1))
  return [section(summariseChart(chart), PART.text), preformatted(`${bars}\n${axis}`, PART.table)]
}

function tableOf({ columns, rows }: NonNullable<Card['table']>): Part {
  const shown = alignTable({ columns, rows: rows.slice(0, TABLE_ROWS) })
  const missing = rows.length - TABLE_ROWS
  return preformatted(clip(shown, PART.table) + (missing > 0 ? `\n… and ${missing} more rows` : ''), PART.table + 40)
}

function linksOf(links: NonNullable<Card['links']>): Part {
  const shown = links
    .slice(0, LINKS)
    .flatMap(({ label, url }, i): Piece[] => [
      ...(i > 0 ? [{ type: 'text' as const, text: '  ·  ' }] : []),
      /^https?:\/\//i.test(url) && url.length <= LIMITS.url
        ? { type: 'link', url, text: clip(label || url, PART.link) }
        : { type: 'text', text: clip(`${label}: ${url}`, PART.link) },
    ])
  const missing = links.length - LINKS
  if (missing > 0) shown.push({ type: 'text', text: `  … and ${missing} more links` })
  return sectionOf(shown)
}

function renderActions(actions: readonly Action[]): types.KnownBlock[] {
  // A value names an object: cut short it would name another one.
  const usable = actions.filter(({ value }) => value !== '' && value.length <= LIMITS.buttonValue)
  const buttons = usable.slice(0, LIMITS.buttons).map(renderButton)
  const missing = actions.length - buttons.length
  return [
    ...(buttons.length > 0 ? [{ type: 'actions' as const, elements: buttons }] : []),
    ...(missing > 0 ? [{ type: 'context' as const, elements: [plain(`${missing} buttons do not fit here.`)] }] : []),
  ]
}

/** The action's id is followed by its position, since Slack wants ids that are unique in the message. */
function renderButton({ id, label, value, style }: Action, position: number): types.Button {
  return {
    type: 'button',
    action_id: `${id}/${position}`,
    text: plain(clip(label || id, LIMITS.buttonLabel)),
    value,
    ...(style && { style }),
  }
}

/** Leaves out what goes beyond the message's total, and says so. */
function withinBudget(parts: readonly Part[]): Part[] {
  let left = LIMITS.richText
  const shown = parts.filter((part) => {
    left -= lengthOf(part)
    return left >= 0
  })
  const missing = parts.length - shown.length
  return missing > 0
    ? [...shown, section(`… ${missing} parts are left out: they do not fit into a message.`, 100)]
    : shown
}

function lengthOf(part: Part | Piece): number {
  if ('elements' in part) return part.elements.reduce((sum, element) => sum + lengthOf(element), 0)
  return ('text' in part ? (part.text?.length ?? 0) : 0) + ('url' in part ? (part.url?.length ?? 0) : 0)
}

const isShown = (part: Part) => part.elements.length > 0

function section(text: string, max: number): Part {
  return sectionOf(pieces(`${clip(text, max)}\n`))
}

function sectionOf(elements: Piece[]): types.RichTextSection {
  return { type: 'rich_text_section', elements }
}

function preformatted(text: string, max: number): Part {
  return { type: 'rich_text_preformatted', elements: pieces(clip(text, max)) as types.RichTextPreformatted['elements'] }
}

function pieces(text: string): Piece[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }]
}

// `emoji: false`: `:smile:` in a server's words stays what it is.
function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false }
}
