import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpClient } from '../../src/lib/http-client.ts'
import { AuthFailed, BadPayload, isFault, RateLimited, Refused, Unavailable } from '../../src/ports/errors.ts'

const schema = z.object({ items: z.array(z.object({ n: z.number() })) })
const closers: (() => void)[] = []
const stopServers = () => {
  for (const close of closers.splice(0)) close()
}
afterEach(stopServers)

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
  serve((_, response) => response.writeHead(status, headers).end(body))

const problemOf = async (promise: Promise<unknown>): Promise<Error & { remedy?: string; retryAfterMs?: number }> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  return error as Error
}

describe('a good answer', () => {
  test('is parsed to the fields that the schema names', async () => {
    const url = await answering(200, '{"items":[{"n":1,"new":true}],"more":{}}')
    expect(await createHttpClient()({ url, schema })).toEqual({ items: [{ n: 1 }] })
  })

  test('follows a request with its method, query, headers and JSON body', async () => {
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { method, url: target, headers } = request
      response.end(JSON.stringify({ method, target, key: headers['x-key'], type: headers['content-type'], body }))
    })
    const answer = await createHttpClient()({
      method: 'POST',
      url: `${url}/logs`,
      query: { event: ['a', 'b c'], limit: 5, cursor: undefined },
      headers: { 'x-key': 'k' },
      json: { from: 1 },
      schema: z.unknown(),
    })
    expect(answer).toEqual({
      method: 'POST',
      target: '/logs?event=a&event=b+c&limit=5',
      key: 'k',
      type: 'application/json',
      body: '{"from":1}',
    })
  })
})

describe('a failure is told by its kind', () => {
  test.each([
    [401, AuthFailed],
    [403, AuthFailed],
    [400, Refused],
    [404, Refused],
    [302, Refused],
    [408, Unavailable],
    [429, RateLimited],
    [500, Unavailable],
    [503, Unavailable],
  ])('%i is %o, and names the request, the status and a remedy', async (status, kind) => {
    const url = await answering(status, '{"message":"no such thing"}')
    const error = await problemOf(createHttpClient()({ url: `${url}/v1/logs`, schema }))
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toBe(
      `GET ${url}/v1/logs answered ${status}: {"message":"no such thing"}${status === 302 ? ' (a redirect)' : ''}`,
    )
    expect(error.remedy).toMatch(/\w/)
  })

  test('a refused connection is Unavailable and says so', async () => {
    const url = await answering(200, '')
    stopServers()
    const error = await problemOf(createHttpClient()({ url, schema }))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toMatch(/connection refused$/)
  })

  test('a connection that breaks off in the body is Unavailable', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"items":', () => response.destroy())
    })
    expect(await problemOf(createHttpClient()({ url, schema }))).toBeInstanceOf(Unavailable)
  })

  test.each(['headers', 'body'])('an answer whose %s never come is Unavailable after the timeout', async (missing) => {
    const url = await serve((_, response) => {
      if (missing === 'body') response.writeHead(200).write('{')
    })
    const error = await problemOf(createHttpClient({ timeoutMs: 50 })({ url, schema }))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toMatch(/within 0.05 s/)
  })

  test('an address that is none is Refused with the setting to mend', async () => {
    const error = await problemOf(createHttpClient()({ url: 'api.example.com/v1', schema }))
    expect(error).toBeInstanceOf(Refused)
    expect(error.remedy).toContain('baseUrl')
  })
})

describe('an answer of the wrong shape is a BadPayload', () => {
  test('that names the path of the field and counts the other problems', async () => {
    const url = await answering(200, '{"items":[{"n":1},{"n":"two"},{}]}')
    const error = await problemOf(createHttpClient()({ url, schema }))
    expect(error).toBeInstanceOf(BadPayload)
    expect(error.message).toMatch(/items\.1\.n: .*expected number.*, and 1 more problems/)
  })

  test.each(['{"items":[{"n":1},{"n"', '', '<html>Bad gateway</html>'])('or is no JSON: %j', async (body) => {
    const error = await problemOf(createHttpClient()({ url: await answering(200, body), schema }))
    expect(error).toBeInstanceOf(BadPayload)
    expect(error.message).toMatch(/is not JSON/)
  })

  test('or is larger than the cap, even when it is small on the wire', async () => {
    const body = gzipSync(JSON.stringify({ items: [], padding: 'x'.repeat(100_000) }))
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body))
    expect(body.length).toBeLessThan(1000)
    const error = await problemOf(createHttpClient({ maxBytes: 50_000 })({ url, schema }))
    expect(error).toBeInstanceOf(BadPayload)
    expect(error.message).toContain('larger than 50000 bytes')
  })
})

describe('Retry-After', () => {
  test('in seconds becomes milliseconds', async () => {
    const url = await answering(429, '', { 'retry-after': '7' })
    expect((await problemOf(createHttpClient()({ url, schema }))).retryAfterMs).toBe(7000)
  })
})

test('no key and no address gets into an error', async () => {
  const key = 'key-0123456789abcdef'
  const basic = Buffer.from(`api:${key}`).toString('base64')
  const echo = `{"message":"Basic ${basic}, token=s3cr3t-q, ${key} is not for jane.doe@example.com"}`
  const http = createHttpClient()
  for (const status of [200, 400, 401, 429, 500]) {
    const error = await problemOf(
      http({
        url: `${await answering(status, status === 200 ? echo.slice(1) : echo)}/logs`,
        query: { token: 's3cr3t-q' },
        headers: { authorization: `Basic ${basic}` },
        schema,
      }),
    )
    expect(isFault(error)).toBe(true)
    const told = JSON.stringify([error.message, error.remedy, error.stack, error.cause])
    for (const secret of [basic, key, 's3cr3t-q', 'jane.doe', '@']) expect(told).not.toContain(secret)
  }
})

describe('abort', () => {
  test('rejects with the reason of the signal, during a request and before one', async () => {
    const url = await serve(() => {})
    const controller = new AbortController()
    const reason = new Error('shutting down')
    const pending = createHttpClient()({ url, schema, signal: controller.signal })
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    await expect(createHttpClient()({ url, schema, signal: controller.signal })).rejects.toBe(reason)
  })

  test('closes the connection', async () => {
    let closed: () => void = () => {}
    const gone = new Promise<void>((resolve) => {
      closed = resolve
    })
    const controller = new AbortController()
    const url = await serve((_, response) => {
      response.on('close', closed)
      controller.abort()
    })
    await expect(createHttpClient()({ url, schema, signal: controller.signal })).rejects.toThrow()
    await gone
  })
})

describe('pacing', () => {
  test('holds back what is more than a host may get at once, and lets other hosts go on', async () => {
    let running = 0
    let most = 0
    const url = await serve((_, response) => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        response.end('{"items":[]}')
      }, 5)
    })
    const other = await answering(200, '{"items":[]}')
    const http = createHttpClient({ pace: { concurrency: 2, minIntervalMs: 0 } })
    const all = Array.from({ length: 8 }, () => http({ url, schema }))
    await http({ url: other, schema })
    await Promise.all(all)
    expect(most).toBe(2)
  })

  test('keeps the starts of requests apart', async () => {
    const url = await answering(200, '{"items":[]}')
    const http = createHttpClient({ pace: { concurrency: 5, minIntervalMs: 40 } })
    // From before the first: when each of them is heard of depends on how busy the machine is.
    const began = performance.now()
    await Promise.all([1, 2, 3].map(() => http({ url, schema })))
    expect(performance.now() - began).toBeGreaterThanOrEqual(2 * 40 - 5)
  })

  test('does not keep an aborted request waiting for its turn', async () => {
    const url = await serve(() => {})
    const http = createHttpClient({ pace: { concurrency: 1, minIntervalMs: 0 } })
    const [first, second] = [new AbortController(), new AbortController()]
    const running = http({ url, schema, signal: first.signal })
    const waiting = http({ url, schema, signal: second.signal })
    second.abort(new Error('no longer wanted'))
    await expect(waiting).rejects.toThrow('no longer wanted')
    first.abort(new Error('done'))
    await expect(running).rejects.toThrow('done')
  })
})
