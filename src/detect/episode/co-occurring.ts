import type { Episode } from '../state/episode.ts'
import type { Slice, SlicePattern } from '../state/slice.ts'

/** What begins within so many minutes of one another may have one cause. */
const TOGETHER = 30

/**
 * Troubles of one signal that began together at one provider, or on one IP, as one: "Gmail, ten of fifty IPs". No set of slices
 * explains them, since most others in it are well; yet nobody wants ten messages. Only what is told is joined, each is
 * followed by itself.
 */
export function joinSiblings(episodes: readonly Episode[]): Episode[] {
  const families: { where: SlicePattern; members: Episode[] }[] = []
  for (const episode of episodes.toSorted((a, b) => a.since - b.since)) {
    const family = families.find(
      ({ where, members: [eldest] }) =>
        isAlike(eldest!, episode) && episode.since - eldest!.since <= TOGETHER && shareAPlace(where, episode.where),
    )
    if (family) {
      family.where = common(family.where, episode.where)
      family.members.push(episode)
    } else families.push({ where: episode.where, members: [episode] })
  }
  return families.map(({ where, members }) => (members.length === 1 ? members[0]! : sumOf(where, members)))
}

/** What is over is told by itself. */
const isAlike = (a: Episode, b: Episode) =>
  a.signal === b.signal && a.pace === b.pace && a.recoveredAt === 0 && b.recoveredAt === 0

const common = (a: SlicePattern, b: SlicePattern): SlicePattern =>
  Object.fromEntries(Object.entries(a).filter(([dim, value]) => value !== '' && value === b[dim as keyof Slice]))

/** One IP, or one provider of a source. */
const shareAPlace = (a: SlicePattern, b: SlicePattern): boolean =>
  isSame(a.ip, b.ip) || (isSame(a.source, b.source) && isSame(a.provider, b.provider))
const isSame = (a: string | undefined, b: string | undefined) => a !== undefined && a !== '' && a === b

function sumOf(where: SlicePattern, members: readonly Episode[]): Episode {
  const [eldest] = members as [Episode]
  const sum = (value: (episode: Episode) => number) => members.reduce((all, member) => all + value(member), 0)
  const n = sum((member) => member.n)
  return {
    ...eldest,
    where,
    leaves: members.flatMap(({ leaves }) => leaves),
    x: sum(({ x }) => x),
    n,
    lateX: sum(({ lateX }) => lateX),
    lateN: sum(({ lateN }) => lateN),
    baseline: n > 0 ? sum((member) => member.baseline * member.n) / n : eldest.baseline,
    evidence: Math.max(...members.map(({ evidence }) => evidence)),
  }
}
