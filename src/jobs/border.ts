import { shapeOf } from '../lib/shape.ts'
import { storedText } from '../lib/stored-text.ts'
import type { Dims, Malformed, Observation, Window } from '../ports/esp.ts'
import { redact } from '../smtp/redact.ts'
import { DAY_MS } from '../time/units.ts'
import { RETENTION } from './retain.ts'

const MINUTE_MS = 60_000
/** Clocks of other machines may be ahead of ours, but not by more. */
const AHEAD_MS = 60 * MINUTE_MS
/** RFC 1035 2.3.4: the longest name of a host. */
const HOST_BYTES = 255
/**
 * Of each part of a slice's key. PostgreSQL's index takes 2,704 bytes for all five of them together.
 * https://www.postgresql.org/docs/current/btree.html
 */
const KEY_BYTES = 400
/** Of a reply. RFC 5321 4.5.3.1.5 allows 512 a line; its template is cut at 1,000 characters. */
const REPLY_BYTES = 16_384
const ID_BYTES = 4096
const PROBLEM_BYTES = 1000
const BODY_BYTES = 4000
/** More than any sender has in the period of one count. */
const MOST_COUNTED = 1_000_000_000

/** What a source told, as far as it can be stored. */
export interface Admitted {
  observations: Observation[]
  malformed: Malformed[]
  /** Results from before what is kept. They are left out: nobody would see them. */
  old: number
}

export interface BorderOptions {
  now: Date
  /** What was asked for, where a source is asked. */
  window?: Window
}

/**
 * The border of every source: texts without what a database refuses, lengths and times within bounds. What has a time
 * that cannot be right is set aside, since it would stand in the way of what is right: one line dated 2030 would make a
 * source look alive for years.
 */
export function admit(
  told: { observations: readonly Observation[]; malformed?: readonly Malformed[] },
  options: BorderOptions,
): Admitted {
  const admitted: Admitted = {
    observations: [],
    malformed: (told.malformed ?? []).map((item) => cleanItem(item, options.now)),
    old: 0,
  }
  for (const observation of told.observations) {
    const problem = problemOf(observation, options)
    if (problem === 'old') admitted.old++
    else if (problem) admitted.malformed.push(setAside(observation, problem, options.now))
    else admitted.observations.push(clean(observation))
  }
  return admitted
}

const oldest = (now: Date) => now.getTime() - RETENTION.minuteDays * DAY_MS

function problemOf(observation: Observation, { now, window }: BorderOptions): string | null {
  const [from, to] = periodOf(observation)
  if (Number.isNaN(from) || Number.isNaN(to)) return 'its time cannot be read'
  if (to > now.getTime() + AHEAD_MS) return `its time, ${stamp(to)}, is more than an hour ahead of this machine's clock`
  if (from < oldest(now)) return 'old'
  if (window && (from < window.from.getTime() || to > window.to.getTime())) {
    return `its time, ${stamp(from)}, lies outside the period that was asked for`
  }
  if (observation.kind === 'event') return null
  if (from >= to) return 'its period ends before it begins'
  if (!Number.isInteger(observation.n) || observation.n < 0 || observation.n > MOST_COUNTED) {
    return 'its count is no number of messages'
  }
  return null
}

const periodOf = (it: Observation): [number, number] =>
  it.kind === 'event' ? [it.at.getTime(), it.at.getTime()] : [it.from.getTime(), it.to.getTime()]

/** To the minute; years that no calendar has are told as numbers. */
const stamp = (at: number) => new Date(at).toISOString().slice(0, -8)

function clean(observation: Observation): Observation {
  const reply = observation.reply === null ? null : storedText(redact(observation.reply), REPLY_BYTES)
  const dims = cleanDims(observation.dims)
  if (observation.kind === 'count') return { ...observation, reply, dims }
  const { domain, mx } = observation.to
  return {
    ...observation,
    reply,
    dims,
    to: {
      domain: storedText(domain, HOST_BYTES),
      ...(mx === undefined ? {} : { mx: storedText(redact(mx), HOST_BYTES) }),
    },
  }
}

const cleanDims = (dims: Dims): Dims =>
  Object.fromEntries(
    Object.entries(dims).flatMap(([name, value]: [string, string | undefined]) =>
      value === undefined ? [] : [[name, storedText(redact(value), KEY_BYTES)]],
    ),
  )

function cleanItem(item: Malformed, now: Date): Malformed {
  const at = item.at.getTime() >= oldest(now) && item.at <= now ? item.at : now
  return {
    id: storedText(item.id, ID_BYTES),
    at,
    problem: storedText(item.problem, PROBLEM_BYTES),
    body: storedText(shapeOf(item.body), BODY_BYTES),
  }
}

/** Of its texts only how long they are. */
export function setAside(observation: Observation, problem: string, now: Date): Malformed {
  const { kind, outcome, reply, dims } = observation
  const shape = { kind, outcome, reply: reply?.length ?? null, dims: Object.keys(dims) }
  const id = kind === 'event' ? observation.id : JSON.stringify(observation)
  return cleanItem({ id, at: now, problem: redact(problem), body: JSON.stringify(shape) }, now)
}
