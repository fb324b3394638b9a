import type { Action, Card, Tone } from '../../../src/cards/card.ts'
import { type Run, runsOf } from '../../../src/cards/paragraph.ts'
import { isNumeric } from '../../../src/cards/text.ts'
import type { JournalEntry } from '../../../src/ports/journal.ts'
import { renderChart } from './chart.ts'
import { type Html, html } from './html.ts'
import { aboutOf } from './messages.ts'
import { renderTime } from './time.ts'

/** A tone is told in words too: colour alone reaches not everybody. */
const TONE_WORDS: Record<Tone, string> = {
  critical: 'Critical',
  warning: 'Warning',
  good: 'Good',
  info: 'Info',
  muted: 'Quiet',
}

/** A message of the channel with its thread. `form` is the proof that a press comes from this page. */
export function renderMessage(entry: JournalEntry, thread: readonly JournalEntry[], form: string): Html {
  return html`<article class="message" id="m-${entry.id}" data-id="${entry.id}" aria-labelledby="t-${entry.id}">
${renderRoot(entry, form)}
<ol class="thread" aria-label="Timeline">${thread.map(renderNote)}</ol>
</article>`
}

/** The part of a message that an update replaces: the card without its thread. */
export function renderRoot(entry: JournalEntry, form: string): Html {
  return renderCard(entry.card, { id: entry.id, at: entry.at, form, message: entry.id, about: aboutOf(entry.key) })
}

/** An entry of a thread: one step of the timeline. */
export function renderNote(entry: JournalEntry): Html {
  const { card } = entry
  return html`<li class="note" id="m-${entry.id}" data-tone="${card.tone}">
<p class="note-title"><span>${card.title}</span>${renderTime(entry.at)}</p>
${renderBody(card)}
</li>`
}

/** An answer that only the person who asked sees; it is kept nowhere. */
export function renderAnswer(card: Card, at: Date, id: string, form: string): Html {
  return html`<article class="message answer" id="m-${id}" aria-labelledby="t-${id}">
${renderCard(card, { id, at, form, message: '' })}
</article>`
}

interface Place {
  id: string
  at: Date
  form: string
  message: string
  /** The message that this one says something about. */
  about?: string | null
}

function renderCard(card: Card, place: Place): Html {
  return html`<section class="card" data-tone="${card.tone}">
<header><span class="badge">${card.badge || TONE_WORDS[card.tone]}</span>${place.message === '' && html`<span class="private">Only you see this</span>`}${renderTime(place.at)}</header>
<h2 id="t-${place.id}">${card.title}</h2>
${renderBody(card)}
${card.actions?.length ? renderActions(card.actions, place.message, place.form) : ''}
${place.about && html`<p class="about"><a href="#m-${place.about}">Show its message</a></p>`}
${card.footer && html`<footer>${card.footer}</footer>`}
</section>`
}

function renderBody(card: Card): Html {
  return html`${card.text?.flatMap(runsOf).map(renderRun)}
${card.fields?.length ? renderFields(card.fields) : ''}
${card.chart && renderChart(card.chart)}
${card.quotes?.map((quote) => html`<blockquote><code>${quote}</code></blockquote>`)}
${card.table && renderTable(card.table)}
${card.links?.length ? html`<ul class="links">${card.links.map(renderLink)}</ul>` : ''}`
}

function renderRun(run: Run): Html {
  if (run.kind === 'words') return html`<p>${run.text}</p>`
  if (run.kind === 'heading') return html`<h3>${run.text}</h3>`
  const items = run.items.map((item) => html`<li>${item}</li>`)
  return run.ordered ? html`<ol class="points">${items}</ol>` : html`<ul class="points">${items}</ul>`
}

/** Short facts side by side; as soon as one is a sentence, below each other. */
function renderFields(fields: NonNullable<Card['fields']>): Html {
  const layout = fields.some(({ value }) => value.length > 36) ? 'rows' : 'tiles'
  return html`<dl class="${layout}">${fields.map((f) => html`<div><dt>${f.label}</dt><dd>${f.value}</dd></div>`)}</dl>`
}

function renderTable({ columns, rows }: NonNullable<Card['table']>): Html {
  // The roles say what the elements say anyway, until a narrow screen lays each row out as a list of its own.
  const figures = columns.map((_, column) => isNumeric(rows.map((row) => row[column] ?? '')) && 'figures')
  return html`<div class="table" role="region" aria-label="Table" tabindex="0"><table role="table">
<thead><tr role="row">${columns.map((column, i) => html`<th scope="col" role="columnheader" class="${figures[i]}">${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr role="row">${row.map((cell, i) => html`<td role="cell" class="${figures[i]}" data-label="${columns[i]}">${cell}</td>`)}</tr>`)}</tbody>
</table></div>`
}

function renderLink(link: { label: string; url: string }): Html {
  // Only the web's own schemes: `javascript:` in a link would be code.
  return /^https?:\/\//i.test(link.url)
    ? html`<li><a href="${link.url}" rel="noopener noreferrer" target="_blank">${link.label}</a></li>`
    : html`<li>${link.label}: ${link.url}</li>`
}

function renderActions(actions: readonly Action[], message: string, form: string): Html {
  return html`<form class="actions" method="post" action="/action">
<input type="hidden" name="form" value="${form}"><input type="hidden" name="message" value="${message}">
${actions.map((a) => html`<button name="press" value="${a.id}:${a.value}" data-style="${a.style ?? 'plain'}">${a.label}</button>`)}
</form>`
}
