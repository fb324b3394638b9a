import { S } from './state.ts'

/** Sums of the minute, per row; zero between minutes. */
export interface Sums {
  own: Float32Array
  named: Float32Array
  failed: Float32Array
  n: Float64Array
  x: Float64Array
  e: Float64Array
  /** What others share in a rise; `mood` is for working it out. See rises.ts. */
  share: Float32Array
  mood: Float32Array
  /** How many members of a group fail more than they usually may. */
  ill: Uint8Array
  /** Groups with mail in this minute. */
  touched: number[]
  late: Uint8Array
}

export function createSums(room: number): Sums {
  return {
    own: new Float32Array(room * S),
    named: new Float32Array(room * S),
    failed: new Float32Array(room),
    n: new Float64Array(room),
    x: new Float64Array(room * S),
    e: new Float64Array(room * S),
    share: new Float32Array(room * S),
    mood: new Float32Array(room * S),
    ill: new Uint8Array(room * S),
    touched: [],
    late: new Uint8Array(room),
  }
}
