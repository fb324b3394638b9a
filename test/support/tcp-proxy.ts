import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What lies between two machines: it carries bytes, swallows them, or refuses to connect. */
export interface TcpProxy {
  /** The same URL, by way of the proxy. */
  through(url: string): string
  /** From now on nothing gets through and nobody is told, as when a cable is cut. */
  silence(): void
  /** New connections are refused, and those that there are end. */
  refuse(): Promise<void>
  /** Carries what comes from now on; what was swallowed is gone. */
  restore(): Promise<void>
  close(): Promise<void>
}

/** A proxy on loopback in front of the server of that URL. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  /** Whose other side went away unheard. */
  const widowed = new Set<Socket>()
  let isSilent = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    return socket
  }
  const serve = () =>
    createServer({ allowHalfOpen: true }, (client) => {
      keep(client)
      if (isSilent) return void client.resume()
      const server = keep(connect(Number(port), hostname))
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.on('data', (chunk) => {
          if (!isSilent) to.write(chunk)
        })
        // A farewell is swallowed like everything else.
        from.on('end', () => {
          if (isSilent) widowed.add(to)
          else to.end()
        })
        from.on('close', () => {
          if (isSilent) widowed.add(to)
          else to.destroy()
        })
      }
    })
  let listener = serve().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port: own } = listener.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const stop = async () => {
    const closed = once(listener, 'close')
    listener.close()
    cut()
    await closed
  }
  return {
    through: (url) => {
      const by = new URL(url)
      by.host = `127.0.0.1:${own}`
      return by.href
    },
    silence: () => {
      isSilent = true
    },
    refuse: stop,
    restore: async () => {
      isSilent = false
      for (const socket of widowed) socket.destroy()
      widowed.clear()
      if (listener.listening) return
      listener = serve().listen(own, '127.0.0.1')
      await once(listener, 'listening')
    },
    close: async () => {
      if (listener.listening) await stop()
      else cut()
    },
  }
}
