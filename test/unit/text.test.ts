import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runsOf } from '../../src/cards/paragraph.ts'
import { alignTable, endsOf, formatValue, sparkline, toText } from '../../src/cards/text.ts'
import { anyCard } from '../support/any-card.ts'
import { alertCard, lookupCard } from '../support/sample-cards.ts'

const chart = (values: number[]) => ({
  label: 'Deferred',
  unit: 'percent' as const,
  points: values.map((value, i) => ({ at: new Date(i * 60_000), value })),
})

describe('toText', () => {
  it('says everything that a card says, buttons aside', () => {
    const card = alertCard(new Date('2026-03-03T14:25:00Z'))
    const text = toText(card)
    for (const words of [card.title, ...(card.text ?? []), card.footer ?? '', card.links?.[0]?.url ?? '']) {
      expect(text).toContain(words)
    }
    expect(text).toContain('Signal: Throttling')
    expect(text).toContain('> 421 4.7.0 [TSS04]')
    expect(text).toContain('Deferred at Yahoo, last hour: now 41%, peak 41%, usual 0.40%')
  })

  it('aligns tables', () => {
    expect(toText(lookupCard)).toContain(
      [
        'Provider   IP            Sending domain    Last 24 h',
        '─────────  ────────────  ────────────────  ─────────',
        'Gmail      203.0.113.25  news.example.com         64',
        'Microsoft  203.0.113.26  news.example.com         31',
        'Yahoo      203.0.113.25  shop.example.com         23',
      ].join('\n'),
    )
  })

  it('never fails, and leaves no part out, whatever the card', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const text = toText(card)
        for (const paragraph of card.text ?? []) expect(text).toContain(paragraph.trim() === '' ? '' : paragraph)
      }),
    )
  })

  it('makes a title alone a single line', () => {
    expect(toText({ title: 'Quiet', tone: 'muted' })).toBe('Quiet')
  })
})

describe('sparkline', () => {
  it('scales from zero to the highest', () => {
    expect(sparkline(chart([0, 50, 100]))).toBe('▁▅█')
    expect(sparkline(chart([0, 0]))).toBe('▁▁')
    expect(sparkline(chart([]))).toBe('')
    // The shares that matter are often below one percent.
    expect(sparkline(chart([0, 0.2, 0.4]))).toBe('▁▅█')
    expect(sparkline(chart([0.01]))).toBe('█')
  })

  it('keeps peaks when it has fewer bars than points', () => {
    expect(sparkline(chart([0, 0, 9, 0, 0, 0]), 3)).toBe('▁█▁')
  })
})

describe('endsOf', () => {
  it('gives times of a day, and days of a week', () => {
    const [from, to] = [new Date('2026-03-03T13:26:00Z'), new Date('2026-03-03T14:25:00Z')]
    const points = (...ats: Date[]) => ({ ...chart([]), points: ats.map((at) => ({ at, value: 1 })) })
    expect(endsOf(points(from, to))).toEqual({ from: '13:26', to: '14:25 UTC' })
    expect(endsOf(points(new Date('2026-02-24T00:00:00Z'), to))).toEqual({ from: 'Feb 24', to: 'Mar 3' })
    expect(endsOf(chart([]))).toBeNull()
  })
})

describe('alignTable', () => {
  it('takes rows that are longer or shorter than the header', () => {
    expect(alignTable({ columns: ['a'], rows: [['1', 'x'], []] })).toBe('a\n─  ─\n1  x\n')
  })
})

describe('formatValue', () => {
  it('writes figures as the rest of the card does', () => {
    expect(formatValue(0.4, 'percent')).toBe('0.40%')
    expect(formatValue(38.25, 'percent')).toBe('38%')
    expect(formatValue(12_345, 'count')).toBe('12,345')
  })
})

describe('runsOf', () => {
  it('tells lists from words', () => {
    expect(runsOf('What to do now:\n1. Send less.\n2. Wait.\nThen:\n• Look.')).toEqual([
      { kind: 'heading', text: 'What to do now:' },
      { kind: 'list', ordered: true, items: ['Send less.', 'Wait.'] },
      { kind: 'heading', text: 'Then:' },
      { kind: 'list', ordered: false, items: ['Look.'] },
    ])
    expect(runsOf('550 5.1.1 gone\n\nmore')).toEqual([{ kind: 'words', text: '550 5.1.1 gone\n\nmore' }])
  })

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('1. a', '2. b', '• c', 'd', '', '1.', '•')), (lines) => {
        const said = runsOf(lines.join('\n')).flatMap((run) => (run.kind === 'list' ? run.items : run.text.split('\n')))
        expect(said).toEqual(lines.length === 0 ? [''] : lines.map((line) => line.replace(/^(?:\d\. |• )/, '')))
      }),
    )
  })
})
