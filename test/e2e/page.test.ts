import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { web } from '../../adapters/chat/web/index.ts'
import type { ChatPlatform, MessageRef } from '../../src/ports/chat.ts'
import { Recorder } from '../contract/chat-platform.ts'
import { launchBrowser, PATIENCE_MS } from '../support/browser.ts'
import { createChatServer } from '../support/chat-server.ts'
import { alertCard, HOSTILE, hostileCard, hugeCard, lookupCard, resolvedNote } from '../support/sample-cards.ts'

const to = { platform: 'web', channel: 'alerts' }
const NEW = { mayExist: false }
const alert = alertCard(new Date())

/** Turns an acknowledgement into an edit, as the incident and its delivery do. */
class Acknowledging extends Recorder {
  platform: ChatPlatform | null = null
  override async action(...press: Parameters<Recorder['action']>) {
    await super.action(...press)
    const [id, , message, actor] = press
    if (id === 'share') return { card: lookupCard, show: 'channel' as const }
    if (message) {
      const card = {
        ...alert,
        tone: 'info' as const,
        text: [`${actor.name} has it.`],
        actions: alert.actions?.slice(1) ?? [],
      }
      await this.platform?.update(message, card)
      await this.platform?.reply(message, { title: `Acknowledged by ${actor.name}`, tone: 'info' }, 'ack', NEW)
    }
    return null
  }
}

describe('the page in Chromium', () => {
  let browser: Browser
  let chats: Awaited<ReturnType<typeof createChatServer>>
  let platform: ChatPlatform
  let inbound: Acknowledging
  const problems: string[] = []

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    chats = await createChatServer()
    platform = web.open(web.config.parse({}), chats.context)
    inbound = new Acknowledging()
    inbound.platform = platform
    await platform.start(inbound)
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await platform.stop()
    await chats.close()
    // A blocked script, a missing file, an exception in page.js: none of these is ever right.
    expect(problems.splice(0)).toEqual([])
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('dialog', (dialog) => problems.push(dialog.message()))
    page.on('request', (request) => {
      if (!request.url().startsWith(chats.url) && !request.url().startsWith('data:')) problems.push(request.url())
    })
    await page.goto(chats.url)
    return page
  }

  const post = (key = 'k1', card = alert): Promise<MessageRef> => platform.post(to, card, key, NEW)
  const titles = (page: Page) => page.locator('#messages h2').allTextContents()

  it('shows an alert when it comes, takes an acknowledgement and shows what became of it', async () => {
    const page = await open()
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByText('Nothing to report yet').isVisible()).toBe(true)
    await post()
    await page.getByRole('heading', { name: alert.title }).waitFor()
    expect(await page.getByRole('img', { name: /Deferred at Yahoo/ }).isVisible()).toBe(true)
    expect(await page.getByText('just now').first().isVisible()).toBe(true)

    await page.getByLabel('Your name').fill('Jo')
    await page.getByRole('button', { name: 'Acknowledge' }).press('Enter')
    await page.getByText('Jo has it.').waitFor()
    await page.getByRole('list', { name: 'Timeline' }).getByText('Acknowledged by Jo').waitFor()
    expect(inbound.actions).toMatchObject([{ id: 'acknowledge', value: 'inc-1', actor: { name: 'Jo' } }])
    // Who pressed by keyboard goes on from the same card.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Snooze 1 h')
    expect(await titles(page)).toEqual([alert.title])
  })

  it('answers a question to who asked, and shares the answer', async () => {
    const page = await open()
    const box = page.getByLabel('/smtp')
    await box.fill('550')
    await box.press('Enter')
    await page.getByText('Only you see this').waitFor()
    expect(inbound.commands).toMatchObject([{ text: '550' }])
    expect(await box.inputValue()).toBe('')
    expect(await titles(page)).toEqual([])
    await page.getByRole('button', { name: 'Share to channel' }).click()
    await page.locator('#messages').getByRole('heading', { name: lookupCard.title }).waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    expect(await page.getByText('Only you see this').count()).toBe(0)
  })

  it('takes a whole bounce of several lines', async () => {
    const page = await open()
    const box = page.getByLabel('/smtp')
    await box.pressSequentially('550-5.1.1')
    await box.press('Shift+Enter')
    await box.pressSequentially('550 5.1.1 gone')
    await page.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => inbound.commands.map(({ text }) => text)).toEqual(['550-5.1.1\n550 5.1.1 gone'])
  })

  it('shows hostile words as they are: no element, no link, no request, no script', async () => {
    await post('h', hostileCard)
    const page = await open()
    await page.getByRole('heading', { name: HOSTILE, exact: true }).waitFor()
    expect(await page.locator('#messages b, #messages a, #messages script').count()).toBe(0)
    await post('h2', { ...hostileCard, title: `<img src=x onerror=alert(1)> ${HOSTILE}` })
    await page.getByRole('heading', { name: '<img src=x' }).waitFor()
    expect(await page.locator('#messages img').count()).toBe(0)
  })

  it('catches up by itself after it was offline', async () => {
    const page = await open()
    await page.getByText('Live', { exact: true }).waitFor()
    await chats.cut()
    await page.getByText('Reconnecting…').waitFor()
    await post()
    await page.getByRole('heading', { name: alert.title }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    // The browser itself reports the lost connection.
    problems.splice(0)
  })

  it('works without JavaScript', async () => {
    await post()
    const page = await open({ javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText('Somebody has it.').waitFor()
    await page.getByRole('button', { name: '421 gmail' }).click()
    await page.getByRole('heading', { name: lookupCard.title }).waitFor()
    expect(inbound.commands).toMatchObject([{ text: '421 gmail' }])
  })

  it('fits a phone, whatever the card', async () => {
    await post()
    await post('huge', hugeCard)
    await post('hostile', hostileCard)
    const page = await open({ viewport: { width: 360, height: 740 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  it('shows on a phone the figures of a table, and asks for a name', async () => {
    await post('table', { ...lookupCard, actions: alert.actions ?? [] })
    const page = await open({ viewport: { width: 360, height: 740 } })
    for (const figure of ['64', '31', '23']) {
      // What is read out there has the name of its column before it.
      const box = await page.getByRole('cell', { name: `Last 24 h ${figure}` }).boundingBox()
      expect(box && box.x >= 0 && box.x + box.width <= 360).toBe(true)
    }
    await page.getByLabel('Your name').fill('Jo')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await expect.poll(() => inbound.actions.map(({ actor }) => actor.name)).toEqual(['Jo'])
  })

  it('shows what got worse as a message that leads to the one it is about', async () => {
    const message = await post()
    const page = await open()
    await page.getByText('Live', { exact: true }).waitFor()
    const worse = { title: 'Worse: Yahoo refuses your mail', tone: 'critical' as const, text: ['Now a block.'] }
    await platform.reply(message, worse, 'worse', { ...NEW, heard: { owner: { id: null, name: 'Ann' } } })
    await page.getByText('Ann acknowledged this.').waitFor()
    expect(await titles(page)).toEqual([worse.title, alert.title])
    await page.getByRole('link', { name: 'Show its message' }).click()
    expect(new URL(page.url()).hash).toBe(`#m-${message.id}`)
    expect(await page.locator(`#m-${message.id}`).getByRole('list', { name: 'Timeline' }).textContent()).toContain(
      'Now a block.',
    )
  })

  it('keeps still for who wants it still, and gives every control a name', async () => {
    const message = await post()
    await platform.reply(message, resolvedNote, 'r', NEW)
    const page = await open({ reducedMotion: 'reduce' })
    await post('k2')
    await page.locator('.fresh').first().waitFor()
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.fresh .card')).animationName`)).toBe('none')
    const nameless = await page.evaluate(`[...document.querySelectorAll('button, input:not([type=hidden]), textarea')]
      .filter((control) => !control.textContent.trim() && !control.labels?.length).length`)
    expect(nameless).toBe(0)
  })
})
