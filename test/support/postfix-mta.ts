import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, listening } from './postfix-sink.ts'

const run = promisify(execFile)

/** A Postfix of its own, in a directory of its own. The machine's is not touched. */
export interface Mta {
  /** Its log. */
  log: string
  /** Hands it so many messages for an address, as an application would. */
  send(count: number, to: string): Promise<void>
  /** How many attempts its log tells of. */
  attempts(): Promise<number>
  /** Rotates its log as Postfix does: renamed with the time, and compressed at once. */
  rotate(): Promise<void>
  stop(): Promise<void>
}

const SENDER = 'news@brand.example'

/** `routes` says at which port of loopback each domain's mail server is. For any other domain there is none. */
export async function startMta(routes: Record<string, number>): Promise<Mta> {
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-mta-'))
  // Postfix's daemons give up root and must be able to get in.
  await chmod(home, 0o755)
  const etc = join(home, 'etc')
  const log = join(home, 'mail.log')
  const port = await freePort()
  await mkdir(etc)
  await mkdir(join(home, 'queue'))
  await writeFile(join(etc, 'main.cf'), mainCf(home, routes))
  await writeFile(join(etc, 'master.cf'), masterCf(port))
  await run('/usr/sbin/postfix', ['-c', etc, 'start'])
  await listening(port)
  return {
    log,
    send: async (count, to) => {
      const options = ['-s', '5', '-l', '400', '-m', String(count), '-f', SENDER, '-t', to]
      await run('/usr/sbin/smtp-source', [...options, `127.0.0.1:${port}`])
    },
    attempts: async () => (await readFile(log, 'utf8')).split(', status=').length - 1,
    rotate: async () => {
      await run('/usr/sbin/postfix', ['-c', etc, 'logrotate'])
    },
    stop: async () => {
      await run('/usr/sbin/postfix', ['-c', etc, 'stop'])
      await rm(home, { recursive: true, force: true })
    },
  }
}

function mainCf(home: string, routes: Record<string, number>): string {
  const transports = Object.entries(routes).map(([domain, port]) => `${domain}=smtp:[127.0.0.1]:${port}`)
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
maillog_file = ${home}/mail.log
maillog_file_prefixes = ${home}
myhostname = mta1.brand.example
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
# Nothing leaves the machine: known domains go to the sinks, and all others nowhere. Bounces are thrown away.
transport_maps = inline:{ ${[...transports, 'brand.example=discard:'].join(', ')} }
default_transport = error:this Postfix sends to loopback only
disable_dns_lookups = yes
smtp_host_lookup = native
notify_classes =
# A retry within the test would be one more attempt than was asked for.
minimal_backoff_time = 1h
queue_run_delay = 1h
`
}

function masterCf(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'smtp unix - - n - - smtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'proxymap unix - - n - - proxymap',
    'postlog unix-dgram n - n - 1 postlogd',
  ]
  return `${services.join('\n')}\n`
}
