// A process of its own for each figure, so that neither the time nor the memory of one is in another. Prints one line of JSON.
import type { Store } from '../../../src/ports/store/index.ts'
import { openStore } from '../../../src/store/index.ts'
import { askAlone, askTogether } from './asking.ts'
import { measured, type Task } from './measured.ts'
import { watchFrom } from './watching.ts'
import { rereadWindow, rollUpAll, rollUpMinute, writeMinutes } from './writing.ts'

const HOUR_MS = 3_600_000
const AWAY_MS = 2 * HOUR_MS
const LIVE_MINUTES = 180

type Subject = (store: Store, task: Task) => Promise<Record<string, number>>

const SUBJECTS: Record<string, Subject> = {
  firstRollUp: (store, { end }) => rollUpAll(store, end),
  alone: (store, { end }) => askAlone(store, end),
  together: (store, { end }) => askTogether(store, end),
  firstWatch: (store, { end }) => watchFrom(store, end - AWAY_MS),
  restart: (store, { end }) => watchFrom(store, end),
  rollUpMinute: (store, task) => rollUpMinute(store, task),
  reread: (store, { end }) => rereadWindow(store, end),
  live: async (store, { slices, end }) => ({
    counters: await writeMinutes(store, { slices, origin: end, minutes: LIVE_MINUTES }),
  }),
}

const [name = '', json = '{}'] = process.argv.slice(2)
const subject = SUBJECTS[name]
if (!subject) throw new Error(`nothing to measure is called "${name}"`)
const task = JSON.parse(json) as Task
const { store } = await openStore(task.options)
const found = await measured(() => subject(store, task))
process.stdout.write(`${JSON.stringify(found)}\n`)
await store.close()
process.exit(0)
