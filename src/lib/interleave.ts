/**
 * What several iterables give, as it comes, with `atOnce` of them under way at a time. When the caller stops early or one
 * of them fails, the others are ended.
 */
export async function* interleave<T>(
  iterables: readonly (() => AsyncIterable<T>)[],
  atOnce: number,
): AsyncGenerator<T, void> {
  type Step = { iterator: AsyncIterator<T>; result: IteratorResult<T> }
  const waiting = iterables.values()
  const underWay = new Map<AsyncIterator<T>, Promise<Step>>()
  const advance = (iterator: AsyncIterator<T>) =>
    underWay.set(
      iterator,
      iterator.next().then((result) => ({ iterator, result })),
    )
  const begin = () => {
    const { value } = waiting.next()
    if (value) advance(value()[Symbol.asyncIterator]())
  }
  for (let i = 0; i < atOnce; i++) begin()
  try {
    while (underWay.size > 0) {
      const { iterator, result } = await Promise.race(underWay.values())
      if (result.done) {
        underWay.delete(iterator)
        begin()
      } else {
        advance(iterator)
        yield result.value
      }
    }
  } finally {
    const left = [...underWay]
    await Promise.all(left.flatMap(([iterator, step]) => [step.catch(() => {}), iterator.return?.()?.catch(() => {})]))
  }
}
