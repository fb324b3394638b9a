import { expect, test } from 'vitest'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import type { Batch, StreamSource } from '../../src/ports/esp.ts'
import { startMta } from '../support/postfix-mta.ts'
import { freePort, startSink } from '../support/postfix-sink.ts'
import { streamContext } from '../support/stream-context.ts'

test('counts every message while Postfix rotates and compresses its log', async () => {
  await using closing = new AsyncDisposableStack()
  const sink = await startSink(await freePort(), 'accept')
  closing.defer(sink.stop)
  const mta = await startMta({ 'gmx.de': sink.port })
  closing.defer(mta.stop)

  const ids = new Set<string>()
  const waiting: { count: number; resolve: () => void }[] = []
  const deliver = async (batch: Batch) => {
    for (const it of batch.observations) if (it.kind === 'event') ids.add(it.id)
    for (const { count, resolve } of waiting) if (ids.size >= count) resolve()
  }
  const stop = new AbortController()
  const config = postfix.config.parse({ path: mta.log, ignoreRelays: [] })
  const run = (postfix.open(config, streamContext()) as StreamSource).run({ position: null, deliver }, stop.signal)

  for (const count of [40, 80, 120]) {
    await mta.send(40, 'person@gmx.de')
    if (count < 120) await mta.rotate()
    await new Promise<void>((resolve) => {
      waiting.push({ count, resolve })
      if (ids.size >= count) resolve()
    })
  }
  stop.abort()
  await run
  expect(ids.size).toBe(120)
})
