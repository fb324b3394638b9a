import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, PATIENCE_MS } from '../support/browser.ts'

const root = new URL('../../', import.meta.url).pathname
const scratch = mkdtempSync(join(tmpdir(), 'bouncebell-demo-'))
/** The README's pictures are made anew with UPDATE_SCREENSHOTS=1; otherwise they go where nobody looks. */
const WIDTH = 1040
const pictures = process.env.UPDATE_SCREENSHOTS ? join(root, 'docs/images') : scratch

/** What a new user sees: `npm start` without a configuration, on a real browser, from nothing to a resolved incident. */
describe('the demo', () => {
  let app: ChildProcess
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    app = spawn(process.execPath, ['src/main.ts', 'demo', '--port', '0', '--data', join(scratch, 'data')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [url, launched] = await Promise.all([addressOf(app), launchBrowser()])
    browser = launched
    page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: 2 })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(url)
  })
  afterAll(async () => {
    await browser?.close()
    const gone = new Promise((resolve) => app.once('exit', resolve))
    app.kill('SIGTERM')
    await gone
    rmSync(scratch, { recursive: true, force: true })
  })

  async function takePicture(name: string, shown = card()) {
    // As tall as what it shows.
    await page.setViewportSize({ width: WIDTH, height: 900 })
    const { y = 0, height = 0 } = (await shown.boundingBox()) ?? {}
    const bottom = y + height + (await page.evaluate<number>('scrollY'))
    await page.setViewportSize({ width: WIDTH, height: Math.min(Math.ceil(bottom) + 24, 1800) })
    // Only the arrival of a card moves; it is over by then.
    await page.waitForTimeout(500)
    const path = join(pictures, `${name}.png`)
    await page.screenshot({ path })
    expect(statSync(path).size).toBeGreaterThan(20_000)
  }

  const card = () => page.locator('#messages .message').last()

  it('says that it is a demo with a faster clock', async () => {
    await page.getByText(/This is a demo: .* clock/).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('rings without a reload, and says where, why and what to do', async () => {
    await card().waitFor()
    const words = await card().textContent()
    expect(words).toMatch(/Yahoo .* mail from 203\.0\.113\.20/)
    expect(words).toContain('What to do now')
    expect(words).toMatch(/\d × 4\d\d /)
    await takePicture('alert')
    await page.emulateMedia({ colorScheme: 'dark' })
    await takePicture('alert-dark')
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('takes an acknowledgement with a name', async () => {
    await page.getByLabel('Your name').fill('Jo')
    await card().getByRole('button', { name: 'Acknowledge' }).click()
    await card().locator('.card').getByText('Jo is on it.').waitFor()
    await card().getByRole('list', { name: 'Timeline' }).getByText('Acknowledged').waitFor()
    await takePicture('acknowledged')
  })

  it('explains 550', async () => {
    const box = page.getByLabel('/smtp')
    await box.fill('550')
    await box.press('Enter')
    const answer = page.locator('#answers')
    await answer.getByText('Only you see this').waitFor()
    expect(await answer.textContent()).toContain('550')
    await takePicture('lookup', answer)
  })

  it('shows that it is over, in the same message', async () => {
    await card()
      .getByRole('heading', { name: /^Resolved: Yahoo/ })
      .waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    // Newer messages stand above it.
    await page.setViewportSize({ width: WIDTH, height: 900 })
    await page.evaluate("document.querySelector('#messages .message:last-of-type').scrollIntoView()")
    await page.waitForTimeout(500)
    await page.screenshot({ path: join(pictures, 'resolved.png') })
  })
})

/** The address in the line that says that it is up; what it says later is let go, so that it never waits for us. */
async function addressOf(app: ChildProcess): Promise<string> {
  const lines = createInterface({ input: app.stdout! })
  const found = Promise.withResolvers<string>()
  lines.on('line', (line) => {
    const [address] = /(?<=Bouncebell is at )http:[\w.:/]+/.exec(line) ?? []
    if (address) found.resolve(address)
  })
  lines.on('close', () => found.reject(new Error('the demo ended before it was up')))
  return found.promise
}
