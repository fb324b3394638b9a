import { Unavailable } from '../../src/ports/errors.ts'
import type { Store } from '../../src/ports/store/index.ts'

/** A store that loses its connection at the calls that the test names, and works at all others. */
export function createFailingStore(store: Store) {
  const calls: string[] = []
  let failing: { call: string; after: number } | null = null
  const pause = () => new Promise((resolve) => setImmediate(resolve))
  const guard =
    (call: string, run: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      calls.push(call)
      // The network takes its time: who does not wait for an answer goes on without it.
      if (failing?.call === call && failing.after-- === 0) {
        failing = null
        return pause().then(() => {
          throw new Unavailable('the connection was lost')
        })
      }
      const answer = run(...given)
      return answer instanceof Promise ? pause().then(() => answer) : answer
    }
  const rooms = Object.entries(store).map(([name, room]) => {
    if (typeof room === 'function' || name === 'unreadable') return [name, room] as const
    const methods = Object.entries(room as Record<string, (...given: unknown[]) => unknown>)
    return [
      name,
      Object.fromEntries(methods.map(([method, run]) => [method, guard(`${name}.${method}`, run)])),
    ] as const
  })
  return {
    store: Object.fromEntries(rooms) as unknown as Store,
    /** In order. */
    calls,
    /** Loses it at this call, after so many that go well. */
    failAt: (call: string, after = 0) => {
      failing = { call, after }
    },
    /** True once it did. */
    hasFailed: () => failing === null,
  }
}
