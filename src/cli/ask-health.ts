import { urlOf } from '../lib/port.ts'
import { Unavailable } from '../ports/errors.ts'

const PATIENCE_MS = 4000

/** Asks the Bouncebell that runs here whether it is alive: for the health check of a container. Throws Unavailable. */
export async function askHealth({ host, port }: { host: string; port: number }): Promise<void> {
  const url = `${urlOf(host, port)}/healthz`
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: unknown) => {
    throw new Unavailable(`nothing answers at ${url}`, 'Start Bouncebell, or check its log.', { cause: error })
  })
  if (response.ok) return
  throw new Unavailable(`${url} answers ${response.status}`, 'Check the Bouncebell log.')
}
