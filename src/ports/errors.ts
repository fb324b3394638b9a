/** What a caller may do about a failure: try again by itself, or wait for a person. */
export type Retry = 'later' | 'never' | 'after-fix'

/** The key or token was refused. Retrying with the same one cannot help. */
export class AuthFailed extends Error {
  override readonly name = 'AuthFailed'
  readonly retry: Retry = 'after-fix'
  readonly remedy: string
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }
}

/** Where the other side gives no figure: long enough to matter for limits by the minute, short enough not to go blind. */
const PAUSE_WITHOUT_A_FIGURE_MS = 60_000

/** The other side asks us to slow down. `retryAfterMs` is its own figure where it gave one. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited'
  readonly retry: Retry = 'later'
  readonly remedy = 'Nothing to do: Bouncebell waits as long as it was asked to, then continues.'
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options)
    this.retryAfterMs = retryAfterMs >= 0 ? retryAfterMs : PAUSE_WITHOUT_A_FIGURE_MS
  }
}

/** A timeout, a refused connection, a 5xx: the other side is not there right now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly retry: Retry = 'later'
  readonly remedy: string
  constructor(
    message: string,
    remedy = 'Bouncebell retries by itself; check the status page of the other side.',
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.remedy = remedy
  }
}

/** The other side answered with something that does not have the documented shape. */
export class BadPayload extends Error {
  override readonly name = 'BadPayload'
  readonly retry: Retry = 'later'
  readonly remedy =
    'Nothing was stored from it. If it persists, report it with this message: the format may have changed.'
}

/** A request that the other side refuses for what it asks (a wrong parameter, a missing permission, an unknown channel). */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly retry: Retry = 'after-fix'
  readonly remedy: string
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }
}

/** The message to be updated is no longer there: a person deleted it. */
export class Gone extends Error {
  override readonly name = 'Gone'
  readonly retry: Retry = 'never'
  readonly remedy = 'Nothing to do: Bouncebell posts a new message when there is news.'
}

/** The configuration is wrong. `path` names the key, the message what is wrong, `remedy` how to fix it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly retry: Retry = 'after-fix'
  readonly problems: readonly { path: string; wrong: string; remedy: string }[]
  readonly remedy: string
  constructor(problems: readonly { path: string; wrong: string; remedy: string }[], file = 'the configuration') {
    super([`${file} is wrong:`, ...problems.map((p) => `  ${p.path}: ${p.wrong}. ${p.remedy}`)].join('\n'))
    this.problems = problems
    this.remedy = problems.map((p) => p.remedy).join(' ')
  }
}

export type Fault = AuthFailed | RateLimited | Unavailable | BadPayload | Refused | Gone | ConfigError

const KINDS = [AuthFailed, RateLimited, Unavailable, BadPayload, Refused, Gone, ConfigError]

export function isFault(error: unknown): error is Fault {
  return KINDS.some((kind) => error instanceof kind)
}
