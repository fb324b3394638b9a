/** Cuts a text to `max` characters and says how much is missing. Half a surrogate pair is never left over. */
export function clip(text: string, max: number): string {
  const whole = text.toWellFormed()
  if (whole.length <= max) return whole
  const note = (missing: number) => `… (${missing.toLocaleString('en')} more characters)`
  const room = max - note(whole.length).length
  if (room < 1) return `${whole.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`
  const kept = whole.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}${note(whole.length - kept.length)}`
}

/** For `text`, the one place where Slack would read formatting: https://docs.slack.dev/messaging/formatting-message-text */
export function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** What a slash command's text comes as, back to what was typed. */
export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
