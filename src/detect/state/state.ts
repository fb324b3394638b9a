import { SIGNALS } from '../../smtp/causes.ts'
import { type Columns, copyColumns, createColumns } from './columns.ts'
import type { Episode } from './episode.ts'
import type { Pace } from './pace.ts'

export const S = SIGNALS.length
export const LIST = SIGNALS.indexOf('list')
/** Alternatives of the sudden watch (rates) and of the drift watch (multiples of its null). */
export const RATES = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8] as const
export const MULTIPLES = [1.5, 2.5, 5] as const
export const K = RATES.length
export const D = MULTIPLES.length

const f32 = (width: number) => ({ type: Float32Array, width }) as const
const f64 = (width: number) => ({ type: Float64Array, width }) as const
const i32 = (width: number) => ({ type: Int32Array, width }) as const

/** What is known of a slice or group, the fields of width S per signal. */
export const ROW_FIELDS = {
  /** 1 where the source tells of failures only; `volume`, `usual` and the attempts are then its rhythm. See untold.ts. */
  untold: { type: Uint8Array, width: 1 },
  /** 1 once a slice had mail; the slices of a group of which that is so. What is only known to exist counts nowhere. */
  met: { type: Uint8Array, width: 1 },
  members: i32(1),
  /** Attempts per minute of late, and for each hour of the day. */
  volume: f32(1),
  usual: f32(24),
  /** Attempts of this hour, of the one before, and of all before that (forgotten with a half-life); failures likewise. */
  hourN: f32(1),
  prevN: f32(1),
  baseN: f32(1),
  hourX: f32(S),
  prevX: f32(S),
  baseX: f32(S),
  /** Failures that named their cause, forgotten with the same half-life. */
  namedX: f32(S),
  /** What others shared in a rise, times the attempts of this hour (provider groups). See rises.ts. */
  hourShare: f32(S),
  /** The usual rate of failure, as of the last full hour. */
  p0: f32(S),
  /** Failures of late, as many as were to be expected, and attempts (providers of a source, and sources). */
  fastX: f32(S),
  fastE: f32(S),
  fastN: f32(1),
  /** The last minute with mail, how many such minutes there were, and their attempts. */
  seen: i32(1),
  ticks: i32(1),
  total: f64(1),
  /** `ticks` and `total` at the last failure: minutes without one are made up for at the next. */
  ticksAt: i32(S),
  totalAt: f64(S),
  /** The evidence of each alternative, when the present excursion began (minute), and how high it has been (nats). */
  sudden: f32(S * K),
  suddenSince: i32(S),
  suddenPeak: f32(S),
  drift: f32(S * D),
  /** How much of the drift's evidence came of late. See drift.ts. */
  flow: f32(S * D),
  driftSince: i32(S),
  driftPeak: f32(S),
} as const

/** Per provider group: failures, and those expected, in each hour of the week. See season.ts. */
export const SEASON_FIELDS = { seasonX: f32(S * 168), seasonE: f32(S * 168), season: f32(S) } as const

export interface State {
  columns: Columns<typeof ROW_FIELDS>
  /** How many rows the columns have room for, and how many are in use. */
  room: number
  rows: number
  seasons: Columns<typeof SEASON_FIELDS>
  parts: number
  hour: number
  /** The last minute that is in it. */
  minute: number
  /** What quiet excursions looked like, and the bars that follow from it; see calibration.ts. */
  tails: Float64Array
  bars: Float64Array
  /** How restless ordinary hours are, per signal, and how far one strays. See restlessness.ts. */
  restless: Float64Array
  stray: Float64Array
  episodes: Episode[]
}

/** For each pace, signal and size of slice; see sizeOf. */
export const SIZES = 5
/** Those of slices; the others are of groups. */
export const SLICE_SIZES = 3
export const CLASSES = 2 * S * SIZES
export const classOf = (pace: Pace, signal: number, size: number): number => (pace * S + signal) * SIZES + size

/** With room for so many rows and provider groups, none of which is in use yet. */
export function createState(room = 0, parts = 0): State {
  return {
    columns: createColumns(ROW_FIELDS, room),
    room,
    rows: 0,
    seasons: createColumns(SEASON_FIELDS, parts),
    parts,
    hour: -1,
    minute: -1,
    tails: new Float64Array(CLASSES * 3),
    bars: new Float64Array(CLASSES),
    restless: new Float64Array(S * 64),
    stray: new Float64Array(S).fill(1),
    episodes: [],
  }
}

export function cloneState(state: State): State {
  return {
    ...state,
    // Without the room to grow, which a copy does not need until it is gone on from.
    columns: copyColumns(ROW_FIELDS, state.columns, state.rows),
    room: state.rows,
    seasons: copyColumns(SEASON_FIELDS, state.seasons, state.parts),
    tails: state.tails.slice(),
    bars: state.bars.slice(),
    restless: state.restless.slice(),
    stray: state.stray.slice(),
    episodes: state.episodes.map((episode) => ({ ...episode, leaves: [...episode.leaves] })),
  }
}
