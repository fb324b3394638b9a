import { signalOfReply } from '../detect/counts.ts'
import type { Store } from '../ports/store/index.ts'
import { type Cause, SIGNALS, type Signal } from '../smtp/causes.ts'

/** What a detector makes of each reply, as one number: its signal, and whether it names its cause. By the reply's id. */
export type Labels = ReadonlyMap<number, number>

const labelOf = (reply: { cause: Cause; signal: Signal | null; named: boolean }): number => {
  const signal = signalOfReply(reply)
  return signal === null ? 0 : 2 * (SIGNALS.indexOf(signal) + 1) + (reply.named ? 1 : 0)
}

/** True where a reply that both know means something else to the detector now. */
export function areChanged(before: Labels, now: Labels): boolean {
  for (const [id, label] of before) {
    const other = now.get(id)
    if (other !== undefined && other !== label) return true
  }
  return false
}

export async function readLabels(replies: Pick<Store['replies'], 'labels'>): Promise<Labels> {
  return new Map([...(await replies.labels())].map(([id, reply]) => [id, labelOf(reply)]))
}

/** For storing: the ids of each label. */
export function idsByLabel(labels: Labels): Record<string, number[]> {
  const groups = Map.groupBy(labels, ([, label]) => String(label))
  return Object.fromEntries([...groups].map(([label, entries]) => [label, entries.map(([id]) => id)]))
}

export const labelsOf = (ids: Record<string, number[]>): Labels =>
  new Map(Object.entries(ids).flatMap(([label, list]) => list.map((id) => [id, Number(label)] as const)))
