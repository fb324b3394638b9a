import { localise } from '../../src/detect/episode/localise.ts'
import { joinRosters, rosterOf } from '../../src/detect/episode/roster.ts'
import type { Slice, SlicePattern } from '../../src/detect/state/slice.ts'
import { createTopology } from '../../src/detect/state/slice-groups.ts'
import type { Member } from './localise-reference.ts'

const MINUTES = 10

/** Slices with the counts of ten minutes. */
export function membersOf(
  slices: readonly Slice[],
  counted: (slice: Slice, i: number) => { n: number; x: number; p0: number },
): Member[] {
  return slices.map((slice, i) => ({ row: i, slice, ...counted(slice, i), minutes: MINUTES }))
}

/** The places that explain these seeds. */
export function placesIn(
  members: readonly Member[],
  seeds: readonly Member[],
): { where: SlicePattern; members: Slice[] }[] {
  const topology = createTopology(members.map(({ slice }) => slice))
  const sources = [...new Set(members.map(({ slice }) => slice.source))].sort()
  const roster = joinRosters(sources.map((source) => rosterOf(topology, source)))
  const ofRow = (row: number) => members.find(({ slice }) => topology.rowOfObject.get(slice) === row)!
  const own = Array.from(roster.rows, ofRow)
  const column = (value: (member: Member) => number) => Float64Array.from(own, value)
  const sample = {
    roster,
    size: own.length,
    x: column(({ x }) => x),
    n: column(({ n }) => n),
    p0: column(({ p0 }) => p0),
    gone: new Uint8Array(own.length),
    minutes: MINUTES,
  }
  const at = own.flatMap((member, i) => (seeds.includes(member) ? [i] : []))
  return localise(topology, sample, at).map(({ where, members: places }) => ({
    where,
    members: places.map((i) => own[i]!.slice),
  }))
}
