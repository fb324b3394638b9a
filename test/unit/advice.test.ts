import { describe, expect, it } from 'vitest'
import { whatToDo } from '../../src/cards/advice.ts'
import { lookupCard } from '../../src/cards/lookup.ts'
import { runsOf } from '../../src/cards/paragraph.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { planLookup } from '../../src/lookup/lookup.ts'
import { SIGNALS } from '../../src/smtp/causes.ts'

/** The numbered steps of a paragraph, as platforms show them. */
const stepsOf = (paragraph: string) => runsOf(paragraph).flatMap((run) => (run.kind === 'list' ? run.items : []))

describe('what to do', () => {
  it.each([
    ['greylisted', 2],
    ['relay-denied', 2],
    ['message-too-large', 1],
    ['rate-limited', 3],
  ] as const)('about %s has all of its %d steps, numbered from 1', (cause, steps) => {
    const said = whatToDo('throttling', cause)
    expect(stepsOf(said)).toHaveLength(steps)
    expect(said).toMatch(/^What to do now:\n1\. /)
    expect(said).toContain(`\n${steps}. `)
  })

  it('about each signal has steps of its own, and about what nobody knows yet has two', () => {
    const all = SIGNALS.map((signal) => whatToDo(signal, undefined))
    expect(new Set(all).size).toBe(SIGNALS.length)
    expect(stepsOf(whatToDo(null, undefined))).toHaveLength(2)
  })

  const knowledge = loadKnowledge([])
  const pages = knowledge.catalogue.entries.filter(({ now }) => now.length > 0)
  it.each([1, 2, 3])('has every step of a page with %d of them', (count) => {
    const entry = pages.find(({ now }) => now.length === count)
    if (!entry) throw new Error(`no page has ${count} steps`)
    const plan = planLookup('550', knowledge)
    if (plan.kind !== 'page') throw new Error('550 is a page')
    const card = lookupCard({ ...plan, entry }, null, { now: new Date(0), nameOf: (provider) => provider })
    const said = card.text?.find((paragraph) => paragraph.startsWith('What to do now:')) ?? ''
    for (const step of entry.now) expect(said).toContain(step)
    expect(stepsOf(said)).toHaveLength(count === 1 ? 0 : count)
  })
})
