/** Numbers that take two bytes where they can: half of it to fetch. */
export type Numbers = Uint16Array | Int32Array

/** Lists of numbers as one: where each begins (and behind the last where it ends), and all of them, in the given order. */
export function flat(
  lists: readonly ArrayLike<number>[],
  order: readonly number[] = lists.map((_, i) => i),
): [Int32Array, Numbers] {
  const from = new Int32Array(lists.length + 1)
  const length = lists.reduce((sum, list) => sum + list.length, 0)
  const short = lists.every((list) => Array.prototype.every.call(list, (number) => number <= 0xffff))
  const all = short ? new Uint16Array(length) : new Int32Array(length)
  let end = 0
  for (const i of order) {
    from[i] = end
    all.set(lists[i]!, end)
    end += lists[i]!.length
  }
  from[lists.length] = end
  return [from, all]
}
