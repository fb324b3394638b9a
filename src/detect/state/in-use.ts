import type { Slice } from './slice.ts'
import type { Topology } from './slice-groups.ts'
import type { State } from './state.ts'

/** The slices that had mail, and not only long ago. */
export const slicesInUse = ({ columns }: State, { slices }: Topology): Slice[] =>
  slices.filter((slice, row) => slice !== null && columns.met[row] === 1) as Slice[]
