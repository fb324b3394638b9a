import { Socket } from 'node:net'

/** How long PostgreSQL may take, in milliseconds. */
export interface Patience {
  /** To open a connection, or to wait for a free one of the pool. */
  connect: number
  /** To answer an ordinary statement. */
  answer: number
  /** To answer one that goes through much of what is stored: migrations, retention. */
  slowAnswer: number
  /** To answer the session that holds the leases. It asks for nothing that takes time: its silence means a dead network. */
  leases: number
}

export const PATIENCE: Patience = { connect: 10_000, answer: 60_000, slowAnswer: 900_000, leases: 10_000 }

/** The client waits a little longer than the server, so that a slow statement ends with the server's own words. */
const GRACE_MS = 2000
/** An answer may have come while this process was busy with something else: it is read before the line is called dead. */
const LAST_LOOK_MS = 500
/** The first probe of an idle connection; Node sends the others a second apart. */
const PROBE_AFTER_MS = 10_000

// For the server to notice within half a minute when a machine or the network is gone, instead of in two hours.
// https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
const SERVER_KEEPALIVE = '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

type Kind = Exclude<keyof Patience, 'connect'>

/** Settings of node-postgres, for a pool or a single session. */
interface Limits {
  keepAlive: boolean
  keepAliveInitialDelayMillis: number
  connectionTimeoutMillis: number
  statement_timeout: number
  idle_in_transaction_session_timeout: number
  options: string
  stream: () => Socket
}

/** Every socket of this process to PostgreSQL, so that none can wait forever for an answer that does not come. */
export interface Connections {
  /** For a pool or a session: what its connections may take, and the sockets that hold to it. */
  limits(kind: Kind): Limits
  /** Ends the connections that there are. What waits for an answer fails at once; what comes next connects again. */
  drop(reason: string): void
}

export function createConnections(patience: Patience): Connections {
  const sockets = new Set<Socket>()

  // As if the other side had cut it: node-postgres then takes it for the end of a connection that is being closed anyway.
  const cut = (socket: Socket, reason: string) =>
    socket.destroy(Object.assign(new Error(reason), { code: 'ECONNRESET' }))
  const drop = (reason: string) => {
    for (const socket of sockets) cut(socket, reason)
  }

  function open(kind: Kind): Socket {
    const silenceMs = patience[kind] + (kind === 'leases' ? 0 : GRACE_MS)
    const socket = new Socket()
    sockets.add(socket)
    socket.setTimeout(silenceMs)
    socket.on('timeout', () => {
      const { bytesRead } = socket
      const reason = `the database has not answered for ${silenceMs / 1000} s`
      setTimeout(() => {
        if (socket.bytesRead !== bytesRead) return
        // What the others wait for will not come either.
        if (kind === 'leases') drop(reason)
        else cut(socket, reason)
      }, LAST_LOOK_MS).unref()
    })
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  return {
    limits: (kind) => ({
      keepAlive: true,
      keepAliveInitialDelayMillis: PROBE_AFTER_MS,
      connectionTimeoutMillis: patience.connect,
      statement_timeout: patience[kind],
      idle_in_transaction_session_timeout: patience[kind],
      options: SERVER_KEEPALIVE,
      stream: () => open(kind),
    }),
    drop,
  }
}
