import { answerLookup } from '../../../src/commands/lookup-answer.ts'
import { loadKnowledge } from '../../../src/knowledge/knowledge.ts'
import type { Store } from '../../../src/ports/store/index.ts'
import { quantile } from './measured.ts'

const ALONE = 30
const PEOPLE = 20
const ROUNDS = 5
/** What people ask who do not all ask the same. */
const MIXED = ['550', '421 gmail', '421', '4.7.28', 'yahoo tss04', 'mailbox full', 'spamhaus', '5.7.1', '554', '452']

/** Questions about the last day, as the chats and the page ask them. */
export async function askAlone(store: Store, end: number): Promise<Record<string, number>> {
  const ask = asker(store, end)
  const figures: Record<string, number> = {}
  for (const query of ['550', '421 gmail']) {
    await ask(query)
    const times: number[] = []
    for (let i = 0; i < ALONE; i++) times.push(await ask(query))
    figures[`${query} p50`] = quantile(times, 0.5)
    figures[`${query} p99`] = quantile(times, 0.99)
  }
  return figures
}

/** The same by so many people at once: all the same question, and each another. */
export async function askTogether(store: Store, end: number): Promise<Record<string, number>> {
  const ask = asker(store, end)
  const together = async (queryOf: (person: number, round: number) => string) => {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++)
      times.push(...(await Promise.all(Array.from({ length: PEOPLE }, (_, person) => ask(queryOf(person, round))))))
    return quantile(times, 0.99)
  }
  await together((person) => MIXED[person % MIXED.length]!)
  return {
    same: await together(() => '550'),
    mixed: await together((person, round) => MIXED[(person + round) % MIXED.length]!),
  }
}

function asker(store: Store, end: number) {
  const knowledge = loadKnowledge([])
  const clock = { now: () => new Date(end) }
  return async (query: string) => {
    const began = performance.now()
    await answerLookup(query, { store, clock, knowledge })
    return performance.now() - began
  }
}
