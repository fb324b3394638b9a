import type { Mutation } from './mutations.ts'

/** `src/incident/track.ts` lies in `incident`; what lies in `src` itself composes the rest. */
export function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/')
  if (top === 'adapters') return `adapters/${room}`
  return room.endsWith('.ts') || file === 'src/lib/metrics.ts' ? 'composition' : room
}

/** In an order that the seed decides: kinds of change take turns, so that the common ones do not crowd out the rest. */
export function shuffled(mutations: readonly Mutation[], seed: number): Mutation[] {
  const random = randomOf(seed)
  const draw = <T>(from: T[]): T => from.splice(Math.floor(random() * from.length), 1)[0] as T
  const byKind = [...Map.groupBy(mutations, ({ kind }) => kind)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, all]) => all)
  const order: Mutation[] = []
  while (byKind.some((kind) => kind.length > 0)) {
    const turn = byKind.filter((kind) => kind.length > 0)
    while (turn.length > 0) order.push(draw(draw(turn)))
  }
  return order
}

/** Mulberry32: the same seed gives the same sample. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
