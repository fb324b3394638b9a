import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import type { StreamSource } from '../../src/ports/esp.ts'
import { attemptLine, isoTime, otherLines, senderLine } from '../support/postfix-log.ts'
import { streamContext } from '../support/stream-context.ts'
import { type Attempt, streamSourceContract, type Upstream } from './stream-source.ts'

const STATUS = { delivered: 'sent', deferred: 'deferred', bounced: 'bounced' } as const

function linesOf({ n, domain, outcome, at, reply }: Attempt): string[] {
  const queueId = `4FzX${String(n).padStart(6, '0')}`
  const text =
    outcome === 'delivered'
      ? reply
      : `host mx.receiver.example[192.0.2.25] said: ${reply} (in reply to RCPT TO command)`
  const attempt = { queueId, to: `person${n}@${domain}`, status: STATUS[outcome], text, time: isoTime(at) }
  return [senderLine(queueId, 'news@brand.example', isoTime(at)), ...otherLines(isoTime(at)), attemptLine(attempt)]
}

async function openUpstream(): Promise<Upstream> {
  const directory = await mkdtemp(join(tmpdir(), 'bouncebell-postfix-'))
  const path = join(directory, 'mail.log')
  await writeFile(path, '')
  const open = (file: string) =>
    postfix.open(postfix.config.parse({ path: file, ip: '198.51.100.7' }), streamContext()) as StreamSource
  const append = (lines: string[]) => appendFile(path, lines.map((line) => `${line}\n`).join(''))
  return {
    emit: (attempts) => append(attempts.flatMap(linesOf)),
    emitMalformed: () =>
      append([
        '2026-10-05T08:00:00+00:00 mta1 postfix/smtp[7]: 4FzX000000: to=<person@gmail.com>, relay=none, status=',
      ]),
    // Without its position everything is read from the beginning.
    replay: async () => null,
    open: () => open(path),
    openMissing: () => open(join(directory, 'no-such.log')),
    close: () => rm(directory, { recursive: true }),
  }
}

streamSourceContract('Postfix', openUpstream)
