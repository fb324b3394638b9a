import { SIGNALS } from '../smtp/causes.ts'
import { type Columns, copyColumns, createColumns } from './columns.ts'
import type { Episode } from './episodes.ts'

export const S = SIGNALS.length
/** Rates of failure that trouble may have: the alternatives of the mixture. */
export const GRID = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8] as const
export const K = GRID.length
/** The slow watch's alternatives, as multiples of its null. */
export const SLOW = [1.5, 2.5, 5] as const
export const D = SLOW.length

const f32 = (width: number) => ({ type: Float32Array, width }) as const
const i32 = (width: number) => ({ type: Int32Array, width }) as const

export const ROW_FIELDS = {
  /** Attempts per minute of late, and for each hour of the day. */
  volume: f32(1),
  usual: f32(24),
  /** Attempts of this hour, of the one before, and of all before that (forgotten with a half-life). */
  hourN: f32(1),
  prevN: f32(1),
  baseN: f32(1),
  seen: i32(1),
  /** Per signal: failures likewise. */
  hourX: f32(S),
  prevX: f32(S),
  baseX: f32(S),
  /** The usual rate of failure, as of the last full hour. */
  p0: f32(S),
  /** Failures of late, and as many as were to be expected. */
  fastX: f32(S),
  fastE: f32(S),
  /** The evidence: one number per alternative. */
  r: f32(S * K),
  slow: f32(S * D),
  /** Where the present excursion began (minute) and how high it has been (nats). */
  since: i32(S),
  peak: f32(S),
  slowSince: i32(S),
  slowPeak: f32(S),
} as const

export interface State {
  columns: Columns<typeof ROW_FIELDS>
  /** How many rows the columns have room for, and how many are in use. */
  room: number
  rows: number
  hour: number
  /** The last minute that is in it. */
  minute: number
  episodes: Episode[]
}

export function createState(): State {
  return { columns: createColumns(ROW_FIELDS, 0), room: 0, rows: 0, hour: -1, minute: -1, episodes: [] }
}

export function cloneState(state: State): State {
  return {
    ...state,
    columns: copyColumns(ROW_FIELDS, state.columns, state.room),
    episodes: state.episodes.map((episode) => ({
      ...episode,
      leaves: [...episode.leaves],
      where: { ...episode.where },
    })),
  }
}
