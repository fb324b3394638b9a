import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'

/** Slack's end of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createSocketMode() {
  const tickets = new Set<string>()
  const open = new Set<WebSocket>()
  const waiting = new Map<string, () => void>()
  let arrived = Promise.withResolvers<void>()

  return {
    /** A URL that is good for one connection. */
    ticket(origin: string): string {
      const ticket = randomUUID()
      tickets.add(ticket)
      return `${origin}/link?ticket=${ticket}`
    },

    accept(socket: WebSocket, request: IncomingMessage) {
      const ticket = new URL(request.url ?? '/', 'ws://slack').searchParams.get('ticket') ?? ''
      if (!tickets.delete(ticket)) return socket.close(4001, 'unknown ticket')
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('message', (data) => {
        const { envelope_id } = JSON.parse(String(data)) as { envelope_id: string }
        waiting.get(envelope_id)?.()
      })
      socket.send(JSON.stringify({ type: 'hello', num_connections: open.size }))
      arrived.resolve()
    },

    /** Resolves when an app is connected. */
    connected: () => arrived.promise,

    /** Sends to one of the connected apps; resolves when it acknowledged. */
    send(type: 'slash_commands' | 'interactive', payload: object): Promise<void> {
      const [socket] = open
      if (!socket) throw new Error('no app is connected')
      const envelope_id = randomUUID()
      return new Promise((resolve) => {
        waiting.set(envelope_id, resolve)
        socket.send(JSON.stringify({ type, envelope_id, payload, accepts_response_payload: true }))
      })
    },

    /** Asks every app to connect anew, as Slack does after some hours. */
    renew() {
      arrived = Promise.withResolvers<void>()
      for (const socket of open) socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
    },

    /** Cuts every connection without a word. */
    cut() {
      arrived = Promise.withResolvers<void>()
      for (const socket of open) socket.terminate()
    },

    close() {
      for (const socket of open) socket.terminate()
    },
  }
}
