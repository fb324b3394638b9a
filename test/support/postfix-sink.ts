import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What a mail server says: yes, or a refusal of one command. */
export type SinkReply = 'accept' | { to: 'MAIL' | 'RCPT' | '.'; soft: boolean; text: string }

export interface Sink {
  port: number
  stop(): Promise<void>
}

/** Debian's smtp-sink on loopback: another company's mail server that answers as it is told. */
export async function startSink(port: number, reply: SinkReply): Promise<Sink> {
  const answers =
    reply === 'accept' ? [] : reply.soft ? ['-b', reply.text, '-r', reply.to] : ['-B', reply.text, '-f', reply.to]
  const sink = spawn('/usr/sbin/smtp-sink', ['-u', 'postfix', ...answers, `127.0.0.1:${port}`, '256'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(sink, 'exit')
  await Promise.race([
    listening(port),
    ended.then(([code]) => Promise.reject(new Error(`smtp-sink ended with ${code}`))),
  ])
  return {
    port,
    stop: async () => {
      sink.kill()
      await ended
    },
  }
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await wait(20)
    } finally {
      socket.destroy()
    }
  }
}
