import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type Access, createHttp, type HttpServer } from '../../src/http.ts'
import { createLog } from '../../src/lib/log.ts'

const TOKEN = 'a-token-of-sixteen-or-more'
const log = createLog({ level: 'silent', format: 'json', color: false })
const opened: HttpServer[] = []
afterEach(async () => {
  for (const http of opened.splice(0)) await http.close()
})

async function open(access: Partial<Access> = {}, parts: { missing?: string; metrics?: () => Promise<never> } = {}) {
  const http = createHttp({
    log,
    access: { token: undefined, isLoopback: true, hosts: [], ...access },
    notReady: async () => parts.missing ?? null,
    metrics: parts.metrics ?? (async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' })),
  })
  opened.push(http)
  const url = await http.listen('127.0.0.1', 0)
  return (path: string, headers: Record<string, string> = {}, method = 'GET') => ask(url + path, headers, method)
}

/** Not `fetch`, which sends a Host of its own. */
function ask(url: string, headers: Record<string, string>, method: string) {
  return new Promise<{ status: number; type: string; body: string; challenge: string | undefined }>(
    (resolve, reject) => {
      request(url, { headers, method }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body,
            challenge: response.headers['www-authenticate'],
          }),
        )
      })
        .on('error', reject)
        .end()
    },
  )
}

describe('what is asked over HTTP', () => {
  it('is answered 200 while all is well', async () => {
    const get = await open()
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' })
    expect(await get('/metrics')).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4', body: 'up 1\n' })
    expect(await get('/readyz', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
    expect(await get('/nothing')).toMatchObject({ status: 404 })
    expect(await get('/metrics', {}, 'POST')).toMatchObject({ status: 404 })
  })

  it('is answered 503 with what is missing, while /healthz stays 200', async () => {
    const get = await open({}, { missing: 'nothing has been watched yet' })
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'nothing has been watched yet\n' })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
  })

  it('is answered 500 where it fails, without saying why to a stranger', async () => {
    const get = await open({}, { metrics: () => Promise.reject(new Error('postgres://user:secret@db')) })
    const answer = await get('/metrics')
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('secret')
    expect(await get('/healthz')).toMatchObject({ status: 200 })
  })
})

describe('on loopback', () => {
  it.each(['/metrics', '/readyz'])('%s knows loopback names and those of the page, and nobody else', async (path) => {
    const get = await open({ hosts: ['bouncebell.example.com'] })
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', 'Bouncebell.example.com'])
      expect(await get(path, { host })).toMatchObject({ status: 200 })
    expect(await get(path, { host: 'rebound.example' })).toMatchObject({ status: 421 })
    expect(await get('/healthz', { host: 'rebound.example' })).toMatchObject({ status: 200 })
  })
})

describe('where other machines can reach it', () => {
  it.each(['/metrics', '/readyz'])('%s asks for the token', async (path) => {
    const get = await open({ isLoopback: false, token: TOKEN })
    const host = 'bouncebell.internal:3000'
    expect(await get(path, { host })).toMatchObject({ status: 401, challenge: 'Bearer' })
    expect(await get(path, { host, authorization: 'Bearer not-the-token' })).toMatchObject({ status: 401 })
    expect(await get(path, { host, authorization: `Basic ${TOKEN}` })).toMatchObject({ status: 401 })
    expect(await get(path, { host, authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 200 })
    expect(await get('/healthz', { host })).toMatchObject({ status: 200 })
  })

  it('answers this machine without one, but not through a proxy', async () => {
    const get = await open({ isLoopback: false, token: TOKEN })
    expect(await get('/readyz')).toMatchObject({ status: 200 })
    expect(await get('/readyz', { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ status: 401 })
  })

  it('tells nobody else anything where no token is set', async () => {
    const get = await open({ isLoopback: false })
    expect(await get('/metrics', { host: 'bouncebell.internal' })).toMatchObject({ status: 403 })
  })

  const [own] = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  it.runIf(own)('takes a loopback Host for nothing when it comes from elsewhere', async () => {
    const http = createHttp({
      log,
      access: { token: TOKEN, isLoopback: false, hosts: [] },
      notReady: async () => null,
      metrics: async () => ({ contentType: 'text/plain', body: '' }),
    })
    opened.push(http)
    const url = await http.listen(own!.address, 0)
    expect(await ask(`${url}/metrics`, { host: '127.0.0.1' }, 'GET')).toMatchObject({ status: 401 })
  })
})
