import { copyRow, type Fields } from './columns.ts'
import { slicesInUse } from './in-use.ts'
import type { Slice } from './slice.ts'
import { BY_PROVIDER, createTopology, rowOf, type Topology } from './slice-groups.ts'
import { createState, ROW_FIELDS, SEASON_FIELDS, type State } from './state.ts'

/** Stands first, so that bytes of another layout, or of a machine with another byte order, are told apart. */
const MARK = 0x0bb1_0001

/** A state, and the rows that it speaks of. */
export interface SavedState {
  state: State
  topology: Topology
}

interface Head {
  /** What of the state is neither an array of numbers nor the size of one. */
  rest: Pick<State, 'minute' | 'hour' | 'episodes'>
  /** The slices in the order of their rows; the groups follow from them. */
  slices: Slice[]
}

/** Without the slices that are out of use, which are as if they had never been. */
function compact({ state, topology }: SavedState): SavedState {
  const kept = createTopology(slicesInUse(state, topology))
  const rows = kept.slices.length
  if (rows === state.rows) return { state, topology }
  const small: State = createState(rows, kept.providerGroups)
  for (const [key, row] of kept.rowOf) {
    const from = topology.rowOf.get(key)!
    copyRow(ROW_FIELDS, state.columns, from, small.columns, row)
    if (kept.kind[row] === BY_PROVIDER) {
      copyRow(SEASON_FIELDS, state.seasons, topology.ordinal[from]!, small.seasons, kept.ordinal[row]!)
    }
  }
  const { columns, room, seasons, parts } = small
  const episodes = state.episodes.map((episode) => ({
    ...episode,
    leaves: episode.leaves.map((row) => rowOf(kept, topology.slices[row]!)),
  }))
  return { state: { ...state, columns, room, rows, seasons, parts, episodes }, topology: kept }
}

/** Mark, length of the head, the head as JSON, and the columns one after the other: about 650 bytes a slice. */
export function encodeState(saved: SavedState): Uint8Array {
  const { state, topology } = compact(saved)
  const { rows, room: _room, parts: _parts, columns: _columns, seasons: _seasons, ...others } = state
  const rest = Object.fromEntries(Object.entries(others).filter(([, value]) => !isNumbers(value))) as Head['rest']
  const slices = topology.slices.slice(0, rows).filter((slice) => slice !== null)
  const parts = topology.kind.slice(0, rows).filter((kind) => kind === BY_PROVIDER).length
  const head = new TextEncoder().encode(JSON.stringify({ rest, slices } satisfies Head))
  const chunks = [
    bytesOf(Uint32Array.of(MARK, head.length)),
    head,
    ...numbersOf(state).map(({ numbers, width, of }) =>
      bytesOf(of === 'all' ? numbers : numbers.subarray(0, width * (of === 'rows' ? rows : parts))),
    ),
  ]
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** Null where the bytes are not those of a state as it is kept now. */
export function decodeState(bytes: Uint8Array): SavedState | null {
  const start = new Uint32Array(2)
  if (bytes.length < 8) return null
  bytesOf(start).set(bytes.subarray(0, 8))
  if (start[0] !== MARK) return null
  let at = 8 + start[1]!
  const { rest, slices } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, at))) as Head
  const topology = createTopology(slices)
  const rows = topology.slices.length
  const parts = topology.providerGroups
  const state: State = { ...createState(rows, parts), ...rest, rows }
  for (const { numbers } of numbersOf(state)) {
    const target = bytesOf(numbers)
    if (at + target.length > bytes.length) return null
    target.set(bytes.subarray(at, at + target.length))
    at += target.length
  }
  return at === bytes.length ? { state, topology } : null
}

type Numbers = State['tails'] | State['columns'][keyof State['columns']]

const isNumbers = (value: unknown): value is Numbers => ArrayBuffer.isView(value)

const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers | Uint32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** All arrays of a state in one order, and how much of each is in use. */
function numbersOf(state: State): { numbers: Numbers; width: number; of: 'rows' | 'parts' | 'all' }[] {
  const columns = (fields: Fields, of: 'rows' | 'parts', from: Record<string, Numbers>) =>
    Object.entries(fields).map(([name, { width }]) => ({ numbers: from[name]!, width, of }))
  const others = Object.entries(state).filter((entry): entry is [string, Numbers] => isNumbers(entry[1]))
  return [
    ...columns(ROW_FIELDS, 'rows', state.columns),
    ...columns(SEASON_FIELDS, 'parts', state.seasons),
    ...others.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, numbers]) => ({ numbers, width: 1, of: 'all' as const })),
  ]
}
