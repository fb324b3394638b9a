import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tell } from '../../src/cli/tell.ts'
import { ConfigError, isFault } from '../../src/ports/errors.ts'
import { EMBEDDED_MAJOR, majorOf, openingFault } from '../../src/store/faults.ts'
import { openStore } from '../../src/store/index.ts'
import { runBouncebell } from '../support/command-line.ts'

const cwd = mkdtempSync(join(tmpdir(), 'bouncebell-start-'))
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text)
const config = (more = '') =>
  `sources: [{ id: postfix, type: postfix, path: ${join(cwd, 'mail.log')} }]\nserver: { port: 0 }\n${more}`

let busy: Server
let port = 0

beforeAll(async () => {
  chmodSync(cwd, 0o755)
  write('mail.log', '')
  write('good.yaml', config())
  busy = createServer((_, response) => response.end('something else'))
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
  port = (busy.address() as AddressInfo).port
})
afterAll(() => {
  busy.close()
  rmSync(cwd, { recursive: true, force: true })
})

/** What a person sees: no stack, not much, what to do. */
async function refusal(args: string[], options: Partial<Parameters<typeof runBouncebell>[1]> = {}) {
  const { exit, stdout, stderr } = await runBouncebell(args, { cwd, ...options })
  const text = stdout + stderr
  expect(text).not.toMatch(/^\s+at /m)
  expect(text).not.toContain('[object Object]')
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3)
  return { exit, text }
}

describe('a start that cannot succeed says in a sentence why, and what to do', () => {
  it('a configuration that is a directory, as Docker makes it of a missing file', async () => {
    mkdirSync(join(cwd, 'directory.yaml'))
    const { exit, text } = await refusal(['serve', '--config', 'directory.yaml'])
    expect(text).toContain('directory.yaml: is a directory, not a file. Name the file in it. Docker creates')
    expect(exit).toBe(2)
  })

  it('a data directory where none can be made', async () => {
    write('proc.yaml', config('database: { directory: /proc/nothing/data }\n'))
    const { exit, text } = await refusal(['serve', '--config', 'proc.yaml'])
    expect(text).toContain('The data directory /proc/nothing/data is not writable')
    expect(exit).toBe(1)
  })

  it('a configuration that is not there', async () => {
    const { exit, text } = await refusal(['serve', '--config', 'nowhere/x.yaml'])
    expect(text).toContain('nowhere/x.yaml: does not exist. Copy bouncebell.example.yaml')
    expect(exit).toBe(2)
  })

  it('a configuration that may not be read', async () => {
    write('secret.yaml', config())
    chmodSync(join(cwd, 'secret.yaml'), 0o000)
    const { exit, text } = await refusal(['check-config', '--config', 'secret.yaml'], { unprivileged: true })
    expect(text).toContain('secret.yaml: cannot be read by this user. Let the user that runs Bouncebell read it')
    expect(exit).toBe(2)
  })

  it('a configuration that is not text', async () => {
    writeFileSync(join(cwd, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0xd8]))
    const { exit, text } = await refusal(['check-config', '--config', 'binary.yaml'])
    expect(text).toContain('binary.yaml: is not UTF-8 text. Save it as UTF-8.')
    expect(exit).toBe(2)
  })

  it.each([
    ['may not be read', (file: string) => writeFileSync(file, 'A=b\n', { mode: 0o000 }), 'cannot be read by this user'],
    ['is a directory', (file: string) => mkdirSync(file), 'is a directory, not a file'],
  ])('an .env that %s', async (name, make, wrong) => {
    const folder = `env ${name}`
    mkdirSync(join(cwd, folder))
    write(`${folder}/c.yaml`, config())
    make(join(cwd, folder, '.env'))
    const { exit, text } = await refusal(['check-config', '--config', `${folder}/c.yaml`], { unprivileged: true })
    expect(text).toContain(`${folder}/.env: ${wrong}`)
    expect(exit).toBe(2)
  })

  it('a port that another process has, for serve and for doctor', async () => {
    write('busy.yaml', config().replace('port: 0', `port: ${port}`))
    const served = await refusal(['serve', '--config', 'busy.yaml'])
    expect(served.text).toContain(`Port ${port} of 127.0.0.1 is in use by another process.\nStop that one`)
    expect(served.exit).toBe(1)
    const examined = await refusal(['doctor', '--config', 'busy.yaml'])
    expect(examined.text).toContain(
      `FAIL  port ${port}\n      port ${port} of 127.0.0.1 is in use by another process\n`,
    )
    expect(examined.exit).toBe(1)
  })

  it('an address of another machine', async () => {
    const elsewhere = 'server: { host: 192.0.2.77, port: 0 }\nchat: { web: { token: 0123456789abcdef } }'
    write('elsewhere.yaml', config().replace('server: { port: 0 }', elsewhere))
    const { exit, text } = await refusal(['serve', '--config', 'elsewhere.yaml'])
    expect(text).toContain('192.0.2.77 is not an address of this machine.\nSet server.host')
    expect(exit).toBe(1)
  })

  it('a database that refuses, without its password', async () => {
    const env = { DATABASE_URL: 'postgres://bell:hunter2@127.0.0.1:1/mail' }
    for (const command of ['serve', 'migrate', 'doctor']) {
      const { exit, text } = await refusal([command, '--config', 'good.yaml'], { env })
      expect(text).toMatch(/the database at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/i)
      expect(text).toContain('Check that PostgreSQL is running there')
      expect(text).not.toContain('hunter2')
      expect(exit).toBe(1)
    }
  })

  it('a DATABASE_URL of something else', async () => {
    const { exit, text } = await refusal(['migrate', '--config', 'good.yaml'], { env: { DATABASE_URL: 'mysql://x' } })
    expect(text).toContain('DATABASE_URL: is not a PostgreSQL URL. It looks like postgres://')
    expect(exit).toBe(2)
  })

  it('a data directory that may not be written', async () => {
    for (const [folder, mode] of [
      ['closed', 0o555],
      ['locked', 0o000],
    ] as const) {
      mkdirSync(join(cwd, folder))
      chmodSync(join(cwd, folder), mode)
      write(`${folder}.yaml`, config(`database: { directory: ./${folder} }\n`))
      const { exit, text } = await refusal(['migrate', '--config', `${folder}.yaml`], { unprivileged: true })
      expect(text).toContain(`The data directory ./${folder} is not writable for this user.\nGive it to the user`)
      expect(exit).toBe(1)
    }
  })

  it('a data directory that is a file', async () => {
    write('file.yaml', config('database: { directory: ./mail.log/data }\n'))
    const { exit, text } = await refusal(['migrate', '--config', 'file.yaml'])
    expect(text).toContain('./mail.log/data is not a directory. Name another one.')
    expect(exit).toBe(2)
  })

  it('a log that is a directory', async () => {
    mkdirSync(join(cwd, 'logs'))
    write('logs.yaml', config().replace('mail.log', 'logs'))
    const { exit, text } = await refusal(['doctor', '--config', 'logs.yaml'])
    expect(text).toContain(
      `the log ${join(cwd, 'logs')} is a directory\n      Set path of the source to the file in it`,
    )
    expect(exit).toBe(1)
  })
})

describe('an embedded database that cannot be opened', () => {
  it('is of another major version of PostgreSQL, or damaged', async () => {
    const directory = join(cwd, 'embedded')
    const { store } = await openStore({ dataDir: directory })
    await store.close()
    expect(majorOf(directory)).toBe(EMBEDDED_MAJOR)
    writeFileSync(join(directory, 'pglite/PG_VERSION'), '16\n')
    await expect(openStore({ dataDir: directory })).rejects.toThrow(
      `the database in ${directory} was written by PostgreSQL 16, and this Bouncebell brings PostgreSQL ${EMBEDDED_MAJOR}`,
    )
    writeFileSync(join(directory, 'pglite/PG_VERSION'), `${EMBEDDED_MAJOR}\n`)
    rmSync(join(directory, 'pglite/global'), { recursive: true })
    const error = await openStore({ dataDir: directory }).catch((reason: unknown) => reason)
    expect(tell(error)).toEqual({
      text: expect.stringContaining(`The database in ${directory} is damaged and cannot be opened.\nRestore`),
      exit: 1,
    })
  })

  // As PGlite throws it: a plain object of its own file system, with an error number of WASI.
  it.each([
    ['its file system', { name: 'ErrnoError', errno: 51 }],
    ['SQLite', Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })],
    ['Node', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })],
    ['PostgreSQL', new Error('could not extend file "base/5/1259": No space left on device')],
  ])('says that the disk is full when %s does', (_, error) => {
    expect(tell(openingFault(error, { dataDir: '/srv/bell' }))).toEqual({
      text: 'The disk that holds /srv/bell is full.\nFree some space, then start again.\n',
      exit: 1,
    })
  })
})

describe('a PostgreSQL that lets nobody in', () => {
  const options = { databaseUrl: 'postgres://bell:hunter2@db.example:5432/mail' }
  it.each([
    ['28P01', 'the database at db.example:5432 refuses the user bell'],
    ['28000', 'the database at db.example:5432 refuses the user bell'],
    ['3D000', 'there is no database mail at db.example:5432'],
    ['42501', 'the user bell may not create tables in the database mail'],
    ['53300', 'the database at db.example:5432 is not accepting connections (it has too many)'],
    ['57P03', 'the database at db.example:5432 is not accepting connections (it is starting)'],
    ['53100', 'the disk of the database at db.example:5432 is full'],
    ['ENOTFOUND', 'the database at db.example:5432 cannot be reached (ENOTFOUND)'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'no secure connection to the database at db.example:5432 (no)'],
  ])('%s: %s', (code, message) => {
    const fault = openingFault(Object.assign(new Error('no'), { code }), options)
    expect(isFault(fault) && fault.message).toBe(message)
    expect(isFault(fault) && !(fault instanceof ConfigError)).toBe(true)
    expect(JSON.stringify(tell(fault))).not.toContain('hunter2')
  })

  it('leaves alone what nobody foresaw, which is told as a mistake of ours', () => {
    const error = new TypeError('oops')
    expect(openingFault(error, options)).toBe(error)
    expect(tell(error)).toEqual({
      text: expect.stringMatching(/TypeError: oops\n {4}at [\s\S]*Please report it/),
      exit: 1,
    })
    expect(tell({ odd: 1 }).text).toContain('{"odd":1}')
  })
})
