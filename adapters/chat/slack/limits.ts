/**
 * Slack's limits, in characters where not said otherwise.
 * https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 */
export const LIMITS = {
  header: 150,
  /** Elements in an actions block. */
  buttons: 25,
  buttonLabel: 75,
  buttonValue: 2000,
  /** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
  url: 3000,
  /**
   * All rich text of a message. Slack refuses blocks beyond an undocumented total with msg_blocks_too_long; the nearest
   * documented figure is the 12,000 of https://docs.slack.dev/reference/block-kit/blocks/markdown-block. Buttons and
   * footer want room beside it.
   */
  richText: 9000,
  /** `text` beside blocks; Slack advises 4,000: https://docs.slack.dev/reference/methods/chat.postMessage */
  fallback: 3000,
} as const

/** What one part may take of a message, in characters, so that it leaves room for the others. */
export const PART = { text: 3000, item: 1000, field: 500, quote: 1200, table: 3500, link: 300, footer: 1000 }
export const TABLE_ROWS = 30
export const LINKS = 20
