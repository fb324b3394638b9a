import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runBouncebell } from '../support/command-line.ts'

const cwd = mkdtempSync(join(tmpdir(), 'bouncebell-health-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe("the container's health check", () => {
  it('asks the port that is configured, on an address that can be called', async () => {
    const asked: (string | undefined)[] = []
    let status = 200
    const server = createServer(({ url }, response) => {
      asked.push(url)
      response.writeHead(status).end('ok\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    writeFileSync(
      join(cwd, 'bouncebell.yaml'),
      `server: { host: 0.0.0.0, port: ${port} }\nchat: { web: { token: 0123456789abcdef } }\nsources: [{ id: p, type: postfix }]\n`,
    )
    expect(await runBouncebell(['health'], { cwd })).toMatchObject({ exit: 0, stderr: '' })
    expect(asked).toEqual(['/healthz'])
    status = 503
    expect((await runBouncebell(['health'], { cwd })).exit).toBe(1)
    await new Promise((resolve) => server.close(resolve))
    const { exit, stderr } = await runBouncebell(['health'], { cwd })
    expect(exit).toBe(1)
    expect(stderr).toBe(`Nothing answers at http://127.0.0.1:${port}/healthz.\nStart Bouncebell, or check its log.\n`)
  })

  it('is what the image runs', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    expect(dockerfile).toMatch(/^HEALTHCHECK .* CMD \["node", "bin\/bouncebell\.js", "health"\]$/m)
    expect(dockerfile).not.toContain('127.0.0.1:')
  })
})
