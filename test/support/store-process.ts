import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Store } from '../../src/ports/store/index.ts'
import type { DatabaseOptions } from '../../src/store/db.ts'
import type { ReplicaScene, Scene } from './store-scene.ts'

const ALL = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-12-31T00:00:00Z') }

export interface Replica {
  /** Resolves when it serves; rejects when it ended before. */
  ready: Promise<void>
  /** Resolves when it ended, by whatever. */
  ended: Promise<unknown>
  kill(): Promise<void>
  /** As an operator does it. */
  stop(): Promise<void>
}

interface Playing extends Pick<Scene, 'clock'> {
  replica(): ReplicaScene
}

/** A Bouncebell in a process of its own, which lives in the scene's time. */
export function startReplica({ clock, replica }: Playing, database: DatabaseOptions): Replica {
  const script = new URL('./store-replica.ts', import.meta.url).pathname
  const child = fork(script, {
    env: { ...process.env, SCENE: JSON.stringify(replica()), DATABASE: JSON.stringify(database) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  clock.attach(child)
  const ended = once(child, 'exit')
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => {
      if (line === 'ready') resolve()
      else console.log(line)
    })
    child.once('exit', (code, signal) => reject(new Error(`the replica ended: ${code ?? signal}`)))
  })
  ready.catch(() => {})
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  return { ready, ended, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

/** What is counted of each source, minute and outcome; compare with `scene.truth`. */
export async function totalsOf(store: Store): Promise<string[]> {
  const totals = new Map<string, number>()
  for (const { minute, slice, outcome, n } of await store.counters.read(ALL)) {
    const key = `${slice.source} ${minute.toISOString()} ${outcome}`
    totals.set(key, (totals.get(key) ?? 0) + n)
  }
  return [...totals].map(([key, n]) => `${key} ${n}`).sort()
}

/** Every counter in a form that does not depend on numbering. */
export async function countersOf(store: Store): Promise<string[]> {
  const rows = await store.counters.read(ALL)
  const replies = await store.replies.byId([...new Set(rows.flatMap(({ replyId }) => replyId ?? []))])
  return rows
    .map(({ minute, slice, outcome, replyId, n }) => {
      const reply = replyId === null ? null : replies.get(replyId)!
      return JSON.stringify([minute, slice, outcome, reply && [reply.code, reply.template, reply.cause], n])
    })
    .sort()
}
