import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

// Nothing that phones home or asks; no sandbox, since tests run as root in containers.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How long a page may take on a busy machine; Playwright's own 30 seconds are for a quiet one. */
export const PATIENCE_MS = 400_000

/** Chromium, headless: the one that comes with `npm ci`, or the one that `CHROMIUM_PATH` names. */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH
  if (own) return chromium.launch({ executablePath: own, args: FLAGS })
  const { executablePath, env } = await unpackChromium()
  return chromium.launch({ executablePath, args: FLAGS, env })
}

/**
 * `@sparticuz/chromium` unpacks the system libraries that it needs only where it believes to be on AWS Lambda. It says
 * where they are by changing process.env, which other child processes (PostgreSQL) must not see: that is undone.
 */
async function unpackChromium() {
  const before = { ...process.env }
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x'
  const { default: bundled } = await import('@sparticuz/chromium')
  const executablePath = await bundled.executablePath()
  const env = { ...process.env, FONTCONFIG_FILE: writeFontConfig() }
  process.env = before
  return { executablePath, env }
}

// The package's own configuration knows its one font only; the machine's fonts look better where there are any.
function writeFontConfig(): string {
  const file = join(tmpdir(), 'bouncebell-fonts.conf')
  const folders = ['/usr/share/fonts', join(tmpdir(), 'fonts')]
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders
      .map((folder) => `<dir>${folder}</dir>`)
      .join('')}<cachedir>${join(tmpdir(), 'fonts-cache')}</cachedir></fontconfig>`,
  )
  return file
}
