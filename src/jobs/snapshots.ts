import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { z } from 'zod'
import type { Snapshot } from '../detect/detector.ts'
import { decodeState, type SavedState } from '../detect/state/saved-state.ts'
import type { Changes, Store } from '../ports/store/index.ts'
import { idsByLabel, type Labels, labelsOf } from './labels.ts'
import { parsedJson } from './stored-json.ts'

/** Of an hour or two ago, so that what is read again as a rule is not in it yet; and the oldest, for what comes later than that. */
const KEYS = ['watch: detector', 'watch: detector, older']

/** What a detector's state has in it. */
export interface Contents {
  /** The last minute; null where everything can still be put in order. */
  until: Date | null
  /** What changes up to here is so late that it is let be. */
  letBe: Date | null
  /** The first minute of each source: what comes from before is history that is read in, and is not let be. */
  began: ReadonlyMap<string, Date>
}

/** True where a state that has so much in it is no longer that of the counters. */
export const isOutdated = ({ until, letBe, began }: Contents, minutes: Changes['minutes']): boolean =>
  until !== null &&
  minutes.some(({ source, minute }) => {
    if (minute > until) return false
    const first = began.get(source)
    return first === undefined || minute < first || letBe === null || minute > letBe
  })

export interface StoredSnapshot extends Contents {
  until: Date
  /** Of the counters that are in it. */
  revision: bigint
  /** What the replies meant in it. */
  labels: Labels
  /** Null where it cannot be read. */
  decode(): Promise<SavedState | null>
}

const LINE_FEED = 10

const headSchema = z.object({
  made: z.string(),
  revision: z.string().regex(/^\d{1,19}$/),
  until: z.coerce.date(),
  letBe: z.coerce.date().nullable(),
  began: z.record(z.string(), z.coerce.date()),
  labels: z.record(z.string(), z.array(z.number())),
})

/**
 * Stores the newest and the oldest of a detector's snapshots. `made` stands for all that a state depends on besides the
 * counters and what the replies mean: the code of the detector and its settings.
 */
export async function saveSnapshots(
  state: Store['state'],
  snapshots: readonly Snapshot[],
  {
    made,
    revision,
    letBe,
    began,
    labels,
  }: { made: string; revision: bigint; labels: Labels } & Omit<Contents, 'until'>,
): Promise<void> {
  for (const [i, { minute, encode }] of snapshots.entries()) {
    const head = {
      made,
      revision: String(revision),
      until: minute,
      letBe,
      began: Object.fromEntries(began),
      labels: idsByLabel(labels),
    }
    const text = new TextEncoder().encode(`${JSON.stringify(head)}\n`)
    await state.save(KEYS[i]!, Buffer.concat([text, await promisify(deflate)(encode(), { level: 1 })]))
  }
}

/** Those that this detector can go on from, the newest first. What cannot be read is as good as not there. */
export async function* storedSnapshots(state: Store['state'], made: string): AsyncGenerator<StoredSnapshot> {
  for (const key of KEYS) {
    const value = await state.load(key)
    const end = value?.indexOf(LINE_FEED) ?? -1
    if (!value || end < 0) continue
    const head = headSchema.safeParse(parsedJson(value.subarray(0, end)))
    if (!head.success || head.data.made !== made) continue
    const { revision, until, letBe, began, labels } = head.data
    const decode = () =>
      promisify(inflate)(value.subarray(end + 1))
        .then((bytes) => decodeState(bytes))
        .catch(() => null)
    yield {
      until,
      letBe,
      began: new Map(Object.entries(began)),
      revision: BigInt(revision),
      labels: labelsOf(labels),
      decode,
    }
  }
}
