import type { Message } from '@aws-sdk/client-sqs'
import PQueue from 'p-queue'
import { LONG_POLL_SECONDS, MOST_PER_REQUEST, type Queue } from './queue.ts'

/** While messages are waiting, this many requests receive at once. */
const RECEIVERS = 10
const REMOVALS_AT_ONCE = 10
/** What is received and not stored stays hidden for a minute by default; this many are stored in a second or two. */
const MOST_WAITING = 1000

export interface Draining {
  queue: Pick<Queue, 'receive' | 'remove'>
  /** Resolves when they are committed. An empty list says that the queue can be read and that nothing came. */
  store(messages: Message[]): Promise<void>
  /** They come again, and count once. */
  onUnremoved(n: number): void
}

/**
 * Receives, stores and removes until aborted, each without waiting for the others: receiving runs ahead of storing by a
 * bounded number of messages, and what is stored is removed while the next is stored already.
 */
export async function drain({ queue, store, onUnremoved }: Draining, signal: AbortSignal): Promise<void> {
  const failing = new AbortController()
  const running = AbortSignal.any([signal, failing.signal])
  const removals = new PQueue({ concurrency: REMOVALS_AT_ONCE })
  let waiting: Message[] = []
  let isQuiet = false
  let isBusy = false
  let changed = Promise.withResolvers<void>()
  const change = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  running.addEventListener('abort', change)

  async function until(condition: () => boolean): Promise<void> {
    while (!running.aborted && !condition()) await changed.promise
  }

  async function receive(seconds: number): Promise<number> {
    await until(() => waiting.length < MOST_WAITING)
    if (running.aborted) return 0
    const messages = await queue.receive(seconds, running)
    waiting.push(...messages)
    isBusy = messages.length === MOST_PER_REQUEST
    isQuiet = messages.length === 0
    change()
    return messages.length
  }

  async function receiveAlways(): Promise<void> {
    // At first it is told soon whether the queue can be read.
    for (let seconds = 1; !running.aborted; seconds = LONG_POLL_SECONDS) await receive(seconds)
  }

  async function receiveWhileBusy(): Promise<void> {
    while (!running.aborted) {
      await until(() => isBusy)
      await receive(0)
    }
  }

  async function storeAll(): Promise<void> {
    while (!running.aborted) {
      await until(() => waiting.length > 0 || isQuiet)
      if (running.aborted) return
      const messages = waiting
      waiting = []
      isQuiet = false
      change()
      await store(messages)
      for (let at = 0; at < messages.length; at += MOST_PER_REQUEST) remove(messages.slice(at, at + MOST_PER_REQUEST))
      await removals.onSizeLessThan(MOST_WAITING / MOST_PER_REQUEST)
    }
  }

  function remove(messages: Message[]): void {
    removals
      .add(() => queue.remove(messages))
      .then((failed) => {
        if (failed > 0) onUnremoved(failed)
      }, fail)
  }

  function fail(error: unknown): void {
    if (!running.aborted) failing.abort(error)
  }

  const loops = [receiveAlways(), ...Array.from({ length: RECEIVERS - 1 }, receiveWhileBusy), storeAll()]
  await Promise.all(loops.map((loop) => loop.catch(fail)))
  // What is committed is removed also when the source is to stop, or it would all come again.
  await removals.onIdle()
  if (failing.signal.aborted) throw failing.signal.reason
}
