import { boxOf, createSourceSlices, ITSELF, type Roster, SHAPES } from '../state/shapes.ts'
import { ranked, type Topology } from '../state/slice-groups.ts'

/** The roster of one source; worked out again only where the source has got slices since. */
export function rosterOf(topology: Topology, source: string): Roster {
  const { sources, boxes, slices } = topology
  const own = sources.get(source) ?? createSourceSlices()
  if (own.roster.rows.length === own.rows.length) return own.roster
  for (const row of own.rows.slice(own.boxes[0]!.length)) {
    for (const [shape, column] of own.boxes.entries()) column.push(boxOf(boxes, slices[row]!, shape))
  }
  const { rank } = ranked(topology)
  const places = Int32Array.from(own.rows, (_, place) => place)
  places.sort((a, b) => rank[own.rows[a]!]! - rank[own.rows[b]!]!)
  own.roster = {
    rows: places.map((place) => own.rows[place]!),
    places,
    boxes: own.boxes.map((column) => places.map((place) => column[place]!)),
  }
  return own.roster
}

/** Rosters of several sources as one; `sources` in order. */
export function joinRosters(rosters: readonly Roster[]): Roster {
  if (rosters.length === 1) return rosters[0]!
  const join = (parts: readonly Int32Array[]) => {
    const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
  return {
    rows: join(rosters.map(({ rows }) => rows)),
    places: join(rosters.map(({ places }) => places)),
    boxes: SHAPES.slice(0, ITSELF).map((_, shape) => join(rosters.map(({ boxes }) => boxes[shape]!))),
  }
}
