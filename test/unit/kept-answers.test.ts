import { describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import { createKeptAnswers } from '../../src/jobs/kept-answers.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { minute } from '../support/store-rows.ts'
import { createMemoryJournal } from '../support/web-journal.ts'

const card: Card = { title: 'About 550', tone: 'info' }

describe('an answer that is kept', () => {
  it('is shared once, also when two replicas are asked in the same moment', async () => {
    const journal = createMemoryJournal()
    const replicas = [1, 2].map(() => createKeptAnswers(journal, createManualClock(minute(0))))
    const id = await replicas[0]!.keep(card, '550')
    const shared = await Promise.all([replicas[0]!.share(id, 'Ann'), replicas[1]!.share(id, 'Bo')])
    expect(shared).toEqual([{ card, question: '550' }, { sharedBy: 'Ann' }])
  })

  it('is not there under an ID that nobody was given', async () => {
    const journal = createMemoryJournal()
    const answers = createKeptAnswers(journal, createManualClock(minute(0)))
    expect(await answers.share('x', 'Ann')).toBeNull()
    expect(await journal.get('x shared')).toBeNull()
  })

  it('is no message of the page, and no message of the page is an answer', async () => {
    const journal = createMemoryJournal()
    const answers = createKeptAnswers(journal, createManualClock(minute(7)))
    const id = await answers.keep(card, '550')
    expect(await journal.get(id)).toEqual({
      id,
      channel: '',
      key: '550',
      parent: null,
      card,
      at: minute(7),
      updatedAt: minute(7),
    })
    await journal.put({ id: 'm', channel: 'alerts', key: 'x', parent: null, card, at: minute(0), updatedAt: minute(0) })
    expect(await answers.share('m', 'Ann')).toBeNull()
  })

  it('fails where it cannot be kept', async () => {
    const put = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the connection was lost')
    }
    const answers = createKeptAnswers({ ...createMemoryJournal(), put }, createManualClock(minute(0)))
    await expect(answers.keep(card, '550')).rejects.toThrow('connection')
  })
})
