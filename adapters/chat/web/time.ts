import { type Html, html } from './html.ts'

/** Absolute without JavaScript; page.js makes it relative and moves the absolute time into the tooltip. */
export function renderTime(at: Date): Html {
  const iso = at.toISOString()
  return html`<time class="ago" datetime="${iso}" title="${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC">${iso.slice(11, 16)}</time>`
}
