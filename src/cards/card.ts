/** A message as a tree that belongs to no platform. Every string in it is plain text: each adapter escapes for its own. */
export interface Card {
  title: string
  tone: Tone
  /** What the tone means here ("High", "Snoozed"), for platforms that put it into words. */
  badge?: string
  /** Paragraphs of plain text. */
  text?: string[]
  fields?: Field[]
  /** Words of somebody else, shown verbatim: replies, log lines. */
  quotes?: string[]
  table?: { columns: string[]; rows: string[][] }
  chart?: Chart
  actions?: Action[]
  links?: { label: string; url: string }[]
  footer?: string
}

export interface Field {
  label: string
  value: string
}

export type Tone = 'good' | 'info' | 'warning' | 'critical' | 'muted'

export interface Chart {
  label: string
  unit: 'percent' | 'count'
  points: { at: Date; value: number }[]
  /** What is usual, in the unit of the points. */
  baseline?: number
}

/** A button. `value` comes back with the press, so it must name its object by itself. */
export interface Action {
  id: ActionId
  label: string
  value: string
  style?: 'primary' | 'danger'
}

export const ACTIONS = ['acknowledge', 'snooze-1h', 'snooze-4h', 'snooze-24h', 'unsnooze', 'share', 'wrong'] as const
export type ActionId = (typeof ACTIONS)[number]
