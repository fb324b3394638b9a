import type { Incident } from '../incident/incident.ts'
import { count, duration, sentence, when } from '../incident/wording.ts'
import { titleOf } from './alert.ts'
import type { Card } from './card.ts'
import type { DetectionStatus } from './detection.ts'

/** A source as the status card shows it. */
export interface SourceStatus {
  source: string
  /** The ESP's name. */
  name: string
  lastOkAt: Date | null
  lastEventAt: Date | null
  failingSince: Date | null
  problem: string | null
  remedy: string | null
  malformed: number
}

export interface Status {
  now: Date
  sources: readonly SourceStatus[]
  /** Everything that is not resolved. */
  open: readonly Incident[]
  /** How the detector is set. */
  detection: DetectionStatus
  /** Whether the detector's numbers were asked for. */
  isDetailed: boolean
  /** What is stored and cannot be read. */
  unreadable: readonly { what: string; problem: string }[]
  /** Why Bouncebell is not watching, or why alerts would reach nobody. */
  missing: readonly string[]
  /** Sentences about chats that alerts would not reach now. */
  unreachable: readonly string[]
  /** Sources that were not read recently, whether or not it is known why. */
  unread: readonly string[]
}

/** More than this is summed up as a number. */
const MOST_UNREADABLE = 3

export function statusCard(status: Status): Card {
  const { now, sources, open, detection, unreadable, missing, unreachable, unread, isDetailed } = status
  const failing = sources.filter(({ failingSince }) => failingSince !== null)
  const blind = new Set([...unread, ...failing.map(({ source }) => source)])
  return {
    title: headline(open.length, blind.size, missing.length > 0),
    tone: blind.size + open.length + missing.length + unreachable.length + unreadable.length > 0 ? 'warning' : 'good',
    text: [
      ...missing.map((reason) => sentence(reason)),
      ...unreachable,
      ...open.slice(0, 5).map((incident) => `${titleOf(incident)} (${incident.id}, ${incident.state})`),
      ...(open.length > 5 ? [`And ${open.length - 5} more: /smtp incidents`] : []),
      ...failing.map(({ source, problem, remedy }) => `${source}: ${problem ?? 'it fails'}. ${remedy ?? ''}`.trim()),
      ...unreadable
        .slice(0, MOST_UNREADABLE)
        .map(({ what, problem }) => `Stored data cannot be read and is skipped: ${what} (${problem}).`),
      ...(unreadable.length > MOST_UNREADABLE
        ? [`And ${unreadable.length - MOST_UNREADABLE} more; the log names them.`]
        : []),
    ],
    fields: [...detection.summary, ...(isDetailed ? detection.detail : [])],
    table: {
      columns: ['Source', 'ESP', 'State', 'Last read', 'Last result'],
      rows: sources.map((source) => [
        source.source,
        source.name,
        stateOf(source, now, blind.has(source.source)),
        ago(source.lastOkAt, now),
        ago(source.lastEventAt, now),
      ]),
    },
    footer: `As of ${when(now, now)}${isDetailed ? '' : ' · How the detector is set: /smtp status detail'}`,
  }
}

function headline(open: number, blind: number, isMissing: boolean): string {
  const parts = [
    ...(isMissing ? ['Bouncebell is not watching'] : []),
    open > 0 ? count(open, 'open incident') : 'no open incidents',
    blind > 0 ? `no data from ${count(blind, 'source')}` : 'all sources are up to date',
  ]
  return capital(parts.join(', '))
}

function stateOf({ failingSince, lastOkAt, malformed }: SourceStatus, now: Date, isBlind: boolean): string {
  if (failingSince) return `failing for ${duration(now.getTime() - failingSince.getTime())}`
  if (!lastOkAt) return 'not read yet'
  if (isBlind) return 'not read recently'
  return malformed > 0 ? `ok, ${malformed} unreadable` : 'ok'
}

const ago = (at: Date | null, now: Date) => (at ? `${duration(now.getTime() - at.getTime())} ago` : 'never')

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
