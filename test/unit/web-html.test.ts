import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { html } from '../../adapters/chat/web/html.ts'
import { renderAnswer } from '../../adapters/chat/web/render.ts'
import { anyCard } from '../support/any-card.ts'

describe('html', () => {
  it('escapes whatever is put into content and attributes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const { markup } = html`<p title="${value}">${[value]}</p>`
        const [, attribute = '', content = ''] = /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(markup) ?? []
        expect(markup).toBe(`<p title="${attribute}">${content}</p>`)
        expect(attribute).toBe(content)
      }),
    )
  })

  it('keeps what it made itself, and leaves out what is not there', () => {
    expect(html`<ul>${[html`<li>&</li>`, null, undefined, false, 0]}</ul>`.markup).toBe('<ul><li>&</li>0</ul>')
  })

  it('does not take an object that looks like its own for its own', () => {
    const forged = { markup: '<script>' } as never
    expect(html`${forged}`.markup).not.toContain('<script>')
  })
})

describe('a card as HTML', () => {
  // The tags and attributes that the templates themselves write; anything else came out of a card.
  const TAGS =
    /^(?:article|section|header|h2|h3|p|dl|div|dt|dd|figure|figcaption|svg|polygon|polyline|line|blockquote|code|table|thead|tbody|tr|th|td|ul|ol|li|a|form|input|button|footer|span|time)$/

  it('has no tag that the templates do not write, no handler and no address but http(s), whatever the card', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const { markup } = renderAnswer(card, new Date(0), 'id', 'form')
        for (const [, tag = ''] of markup.matchAll(/<\/?([^\s/>]*)/g)) expect(tag).toMatch(TAGS)
        const tags = markup.match(/<[^>]*>/g) ?? []
        for (const tag of tags) expect(tag.replace(/"[^"]*"/g, '')).not.toMatch(/\son\w+=|\sstyle=/i)
        for (const [, address = ''] of markup.matchAll(/\shref="([^"]*)"/g)) expect(address).toMatch(/^https?:\/\//i)
      }),
      { numRuns: 300 },
    )
  })
})
