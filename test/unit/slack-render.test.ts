import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, decodeEntities, escapeEntities } from '../../adapters/chat/slack/clip.ts'
import { renderMessage } from '../../adapters/chat/slack/render.ts'
import { anyCard } from '../support/any-card.ts'
import { alertCard, HOSTILE, hostileCard, hugeCard, lookupCard } from '../support/sample-cards.ts'
import { refusalOf, textsOf } from '../support/slack-blocks.ts'

const UNWANTED = ['mrkdwn', 'user', 'usergroup', 'broadcast', 'channel', 'emoji', 'date', 'team', 'color', 'image']

describe('a card as Block Kit', () => {
  it('keeps every limit of Slack and has no element that formats or mentions, whatever the card', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const { text, blocks } = renderMessage(card)
        expect(refusalOf(JSON.parse(JSON.stringify(blocks)))).toBeNull()
        expect(text).not.toMatch(/[<>]/)
        expect(text.length).toBeLessThanOrEqual(40_000)
        const types = JSON.stringify(blocks).match(/"type":"\w+"/g) ?? []
        for (const type of UNWANTED) expect(types).not.toContain(`"type":"${type}"`)
      }),
      { numRuns: 300 },
    )
  })

  it('links only to what the card itself links to', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const urls = [
          ...JSON.stringify(renderMessage(card).blocks).matchAll(/"type":"link","url":("(?:[^"\\]|\\.)*")/g),
        ]
        const own = (card.links ?? []).map(({ url }) => url)
        for (const [, url] of urls) expect(own).toContain(JSON.parse(url ?? '""'))
      }),
    )
  })

  it('shows hostile words as they are', () => {
    const texts = textsOf(renderMessage(hostileCard).blocks)
    expect(texts.filter((text) => text.includes(HOSTILE)).length).toBeGreaterThan(6)
    expect(JSON.stringify(renderMessage(hostileCard))).not.toContain('"type":"link"')
  })

  it('escapes the text beside the blocks, where Slack would read mentions', () => {
    expect(renderMessage(hostileCard).text).toContain('&lt;!channel&gt; &lt;@U1&gt;')
  })

  it('says how much of a long text is missing, and keeps the whole of a long title', () => {
    const title = `${'long '.repeat(40)}end`
    const texts = textsOf(renderMessage({ title, tone: 'info', text: ['x'.repeat(5000)] }).blocks)
    expect(texts[0]).toMatch(/more characters\)$/)
    expect(texts[1]?.trim()).toBe(title)
    expect(texts[2]).toMatch(/… \(2,0\d\d more characters\)\n$/)
  })

  it('says that rows, buttons and parts are left out', () => {
    const texts = textsOf(renderMessage(hugeCard).blocks).join('\n')
    expect(texts).toMatch(/… \d+ parts are left out/)
    expect(texts).toContain('40 buttons do not fit here.')
    const rows = Array.from({ length: 33 }, (_, i) => [String(i)])
    const { blocks } = renderMessage({ title: 't', tone: 'info', table: { columns: ['n'], rows } })
    expect(textsOf(blocks).join()).toContain('… and 3 more rows')
  })

  it('gives every button of a message its own id, which begins with the action', () => {
    const ids = JSON.stringify(renderMessage(alertCard(new Date())).blocks).match(/"action_id":"[^"]+"/g) ?? []
    expect(ids).toEqual([
      '"action_id":"acknowledge/0"',
      '"action_id":"snooze-1h/1"',
      '"action_id":"snooze-4h/2"',
      '"action_id":"snooze-24h/3"',
    ])
  })

  it('shows a table in aligned columns and a chart as bars with its times', () => {
    const lookup = textsOf(renderMessage(lookupCard).blocks)
    expect(lookup.find((text) => text.startsWith('Provider'))).toContain(
      'Gmail      203.0.113.25  news.example.com         64',
    )
    const alert = textsOf(renderMessage(alertCard(new Date('2026-03-03T14:25:00Z'))).blocks)
    expect(alert.find((text) => text.includes('█'))).toMatch(/^[▁▂▃▄▅▆▇█]{60}\n13:26 +14:25 UTC$/)
  })
})

describe('clip', () => {
  it('never exceeds its limit and never leaves half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (text, max) => {
        const clipped = clip(text, max)
        expect(clipped.length).toBeLessThanOrEqual(Math.max(max, 1))
        expect(clipped.isWellFormed()).toBe(true)
        if (text.toWellFormed().length <= max) expect(clipped).toBe(text.toWellFormed())
      }),
    )
  })
})

describe('entities', () => {
  it('come back as what was typed', () => {
    fc.assert(fc.property(fc.string(), (text) => decodeEntities(escapeEntities(text)) === text))
  })
})
